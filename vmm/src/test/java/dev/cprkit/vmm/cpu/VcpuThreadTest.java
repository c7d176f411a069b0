package dev.cprkit.vmm.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.run.MachineLock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class VcpuThreadTest {
    private final MachineLock lock = new MachineLock();
    private final Counting vcpu = new Counting();
    private VcpuThread thread;

    @BeforeEach
    void start() {
        thread = new VcpuThread(vcpu, lock, "test vcpu");
        lock.lock();
    }

    @AfterEach
    void end() {
        thread.end();
        lock.unlock();
    }

    @Test
    void itExecutesNothingBeforeItIsResumedNorAfterItIsPaused() {
        assertThat(vcpu.executed.get()).isZero();
        thread.resume();
        await(() -> vcpu.executed.get() > 0);
        thread.pause();
        long executed = vcpu.executed.get();
        long end = System.nanoTime() + 2_000_000;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(vcpu.executed.get()).isEqualTo(executed);
        assertThat(thread.lastInstruction()).isGreaterThanOrEqualTo(thread.firstInstruction());
    }

    @Test
    void aVcpuThatNeedsTheLockOnItsWayOutGetsIt() {
        vcpu.needsLock = lock;
        for (int i = 0; i < 200; i++) {
            thread.resume();
            long before = vcpu.executed.get();
            await(() -> vcpu.executed.get() > before);
            thread.pause();
        }
        assertThat(lock.isHeldByCurrentThread()).isTrue();
    }

    @Test
    void anInterruptEndsAWait() {
        vcpu.idle = true;
        thread.resume();
        await(() -> vcpu.executed.get() == 1);
        vcpu.interrupt();
        thread.wake();
        await(() -> vcpu.executed.get() == 2);
    }

    @Test
    void aWaitingVcpuCanBePaused() {
        vcpu.idle = true;
        thread.resume();
        await(() -> vcpu.executed.get() == 1);
        thread.pause();
        assertThat(vcpu.executed.get()).isEqualTo(1);
    }

    @Test
    void aThrottledVcpuRestsItsShareOfTheTime() {
        vcpu.takes = 2_000_000;
        thread.throttle(75);
        thread.resume();
        long start = System.nanoTime();
        await(() -> vcpu.executed.get() >= 5);
        assertThat(System.nanoTime() - start).isGreaterThan(4 * 8_000_000L);
        thread.throttle(99);
        thread.pause(); // it does not wait for the end of a rest
        thread.throttle(0);
        thread.resume();
        long before = vcpu.executed.get();
        await(() -> vcpu.executed.get() > before + 2);
    }

    @Test
    void anErrandRunsWhileTheVcpuRestsAndTheVcpuGoesOn() {
        thread.resume();
        await(() -> vcpu.executed.get() > 0);
        for (int i = 0; i < 200; i++) {
            long[] seen = new long[2];
            boolean[] locked = new boolean[1];
            thread.runPaused(() -> {
                seen[0] = vcpu.executed.get();
                locked[0] = lock.isHeldByCurrentThread();
                long end = System.nanoTime() + 20_000;
                while (System.nanoTime() < end) {
                    Thread.onSpinWait();
                }
                seen[1] = vcpu.executed.get();
            });
            assertThat(seen[1]).isEqualTo(seen[0]).isPositive();
            assertThat(locked[0]).isTrue();
            await(() -> vcpu.executed.get() > seen[1]);
        }
        assertThat(lock.isHeldByCurrentThread()).isTrue();
    }

    @Test
    void aVcpuThatNeedsTheLockOrWaitsForAnInterruptRunsErrandsToo() {
        vcpu.needsLock = lock;
        vcpu.idle = true;
        thread.resume();
        await(() -> vcpu.executed.get() == 1);
        List<String> done = new ArrayList<>();
        thread.runPaused(() -> done.add(Thread.currentThread().getName()));
        assertThat(done).containsExactly("test vcpu");
    }

    @Test
    void theErrandOfAVcpuThatStandsStillRunsHere() {
        List<String> done = new ArrayList<>();
        thread.runPaused(() -> done.add(Thread.currentThread().getName()));
        thread.resume();
        await(() -> vcpu.executed.get() > 0);
        thread.pause();
        thread.runPaused(() -> done.add(Thread.currentThread().getName()));
        String here = Thread.currentThread().getName();
        assertThat(done).containsExactly(here, here);
    }

    @Test
    void anErrandIsDoneThoughTheVcpuIsStoppedMeanwhile() throws Exception {
        AtomicLong done = new AtomicLong();
        int errands = 2000;
        Thread other = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < errands; i++) {
                lock.lock();
                try {
                    thread.runPaused(done::incrementAndGet);
                } finally {
                    lock.unlock();
                }
            }
        });
        long start = System.nanoTime();
        while (done.get() < errands) {
            assertThat(System.nanoTime() - start).as("ns waited").isLessThan(20_000_000_000L);
            thread.resume();
            lendLock();
            thread.pause();
            lendLock();
        }
        other.join(20_000);
        assertThat(other.isAlive()).isFalse();
        assertThat(done.get()).isEqualTo(errands);
    }

    /** Gives the lock away while it waits, as the main loop does. */
    private void await(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - start).as("ns waited").isLessThan(20_000_000_000L);
            lendLock();
        }
    }

    private void lendLock() {
        lock.unlock();
        Thread.onSpinWait();
        lock.lock();
    }

    @Test
    @Timeout(60)
    void aVcpuThatCannotGoOnStandsStillAndSaysSo() throws Exception {
        CompletableFuture<Throwable> said = new CompletableFuture<>();
        VcpuThread crashing = new VcpuThread(
                new Vcpu() {
                    @Override
                    public Exit run(long budget) {
                        throw new InternalError("memory is gone");
                    }

                    @Override
                    public boolean hasPendingWakeup() {
                        return false;
                    }

                    @Override
                    public void requestExit() {}
                },
                lock,
                "crashing vcpu",
                said::complete);
        crashing.resume();
        lock.unlock();
        try {
            assertThat(said.get(20, TimeUnit.SECONDS)).hasMessage("memory is gone");
        } finally {
            lock.lock();
        }
        crashing.pause();
        crashing.end();
    }

    private static final class Counting implements Vcpu {
        final AtomicLong executed = new AtomicLong();
        private final AtomicBoolean exit = new AtomicBoolean();
        private final AtomicBoolean work = new AtomicBoolean();
        volatile boolean idle;
        /** How long a budget lasts, in ns; 0 if it is never spent. */
        volatile long takes;

        volatile MachineLock needsLock;

        @Override
        public Exit run(long budget) {
            work.set(false);
            do {
                executed.incrementAndGet();
                if (takes > 0) {
                    long end = System.nanoTime() + takes;
                    while (System.nanoTime() < end) {
                        LockSupport.parkNanos(takes);
                    }
                    return Exit.YIELD;
                }
                if (needsLock != null) {
                    needsLock.lock();
                    try {
                        executed.addAndGet(0);
                    } finally {
                        needsLock.unlock();
                    }
                }
                if (idle) {
                    return Exit.WAIT_FOR_INTERRUPT;
                }
            } while (!exit.get());
            exit.set(false);
            return Exit.YIELD;
        }

        void interrupt() {
            work.set(true);
        }

        @Override
        public boolean hasPendingWakeup() {
            return work.get();
        }

        @Override
        public void requestExit() {
            exit.set(true);
        }
    }
}
