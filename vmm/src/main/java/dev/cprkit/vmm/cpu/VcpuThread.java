package dev.cprkit.vmm.cpu;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.vmm.os.HostProcess;
import dev.cprkit.vmm.run.MachineLock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The platform thread that runs one vCPU, and the switch that stops and resumes it.
 *
 * <p>How it works: whoever holds the machine lock says what it wants ({@link #resume}, {@link #pause}, {@link #halt}); the
 * thread looks at the wish whenever {@link Vcpu#run} returns. To resume takes no lock on the vCPU's side, so that the end
 * of a guest's pause does not wait for what the main loop still has to do. To pause is to state the wish, make the vCPU leave its
 * block, and wait on a condition of the machine lock until the thread has answered: the vCPU may need the lock for one
 * more device access on its way out, and gets it meanwhile. A vCPU that waits for an interrupt is parked; interrupts and
 * wishes unpark it, and a permit that came first is not lost.
 *
 * <p>Who needs the vCPU at rest for a moment only, without its stopping, gives it an errand ({@link #runPaused}): the
 * thread runs it between two instructions, with the machine lock held.
 *
 * <p>The stamps are CLOCK_MONOTONIC in ns (System.nanoTime on Linux): taken right before the first and right after the
 * last guest instruction, they are the two ends of a guest's pause.
 */
public final class VcpuThread {
    /** Instructions between two looks at the wish when nobody asks for an exit: some hundredths of a second. */
    private static final long BUDGET = 10_000_000;

    /** The same for a vCPU that is slowed down: it rests after each of these, about a millisecond. */
    private static final long SHORT_BUDGET = 100_000;

    private final Vcpu vcpu;
    private final MachineLock lock;
    private final Condition changed;
    private final Thread thread;
    private final Consumer<Throwable> crashed;
    private final CompletableFuture<Long> threadId = new CompletableFuture<>();
    private volatile boolean wanted;
    private volatile boolean ended;
    /** Set by {@link #resume}, cleared by the thread when it has stopped; both with the lock held. */
    private volatile boolean executing;

    /** What {@link #runPaused} wants done; written with the lock held. */
    private volatile Runnable errand;

    /** For how many percent of the time the vCPU rests though it could run. */
    private volatile int throttle;

    private volatile long firstInstruction;
    private volatile long lastInstruction;

    /** Starts the thread, paused; nobody is told when the vCPU cannot go on. */
    public VcpuThread(Vcpu vcpu, MachineLock lock, String name) {
        this(vcpu, lock, name, mistake -> {});
    }

    /**
     * Starts the thread, paused.
     *
     * @param crashed is told, on the thread, when an instruction ended in a mistake of this program's or of the host's
     *     memory; the vCPU stands still then, as if paused
     */
    public VcpuThread(Vcpu vcpu, MachineLock lock, String name, Consumer<Throwable> crashed) {
        this.crashed = crashed;
        this.vcpu = vcpu;
        this.lock = lock;
        this.changed = lock.newCondition();
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::loop);
        thread.start();
    }

    /** Makes a vCPU that waits for an interrupt look whether one is pending. Any thread. */
    public void wake() {
        LockSupport.unpark(thread);
    }

    /** Lets the vCPU run. Call with the machine lock held. */
    public void resume() {
        executing = true;
        wanted = true;
        wake();
    }

    /** Stops the vCPU and returns when it executes no more. Call with the machine lock held, not on the vCPU's thread. */
    public void pause() {
        halt();
        while (executing) {
            changed.awaitUninterruptibly();
        }
    }

    /** Asks the vCPU to stop and returns at once. Call with the machine lock held, on any thread. */
    public void halt() {
        wanted = false;
        vcpu.requestExit();
        wake();
    }

    /** Keeps the vCPU from running for so many percent of the time, 0 to 99. Any thread. */
    public void throttle(int percent) {
        throttle = percent;
        wake();
    }

    /**
     * Runs a task while the vCPU executes nothing, and returns when it has run: on the vCPU's thread between two
     * instructions, which costs the guest some microseconds, or on this one if the vCPU stands still. Call with the
     * machine lock held, not on the vCPU's thread; the lock is given away meanwhile, but not while the task runs.
     */
    public void runPaused(Runnable task) {
        while (executing && errand != null) {
            changed.awaitUninterruptibly();
        }
        if (executing) {
            errand = task;
            vcpu.requestExit();
            wake();
            while (executing && errand == task) {
                changed.awaitUninterruptibly();
            }
            if (errand != task) {
                return;
            }
            errand = null;
        }
        task.run();
        changed.signalAll();
    }

    /** Ends the thread, and returns when it has ended. Call with the machine lock held. */
    public void end() {
        pause();
        ended = true;
        wake();
    }

    /** When the first instruction after the last {@link #resume} ran; 0 if none did. */
    public long firstInstruction() {
        return firstInstruction;
    }

    /** When the last instruction before the last pause ran; 0 if there was none. */
    public long lastInstruction() {
        return lastInstruction;
    }

    /** The thread's Linux id; waits until the thread has begun. Any thread. */
    public long threadId() {
        return threadId.join();
    }

    private void loop() {
        try {
            threadId.complete((long) HostProcess.threadId());
        } catch (ErrnoException e) {
            threadId.completeExceptionally(e);
        }
        while (!ended) {
            if (wanted) {
                try {
                    execute();
                } catch (RuntimeException | VirtualMachineError e) {
                    // Whoever pauses this vCPU waits for it, and must not wait for ever.
                    lastInstruction = System.nanoTime();
                    wanted = false;
                    crashed.accept(e);
                }
            }
            if (executing) {
                answer();
            }
            if (!wanted && !ended) {
                LockSupport.park(this);
            }
        }
    }

    private void execute() {
        firstInstruction = System.nanoTime();
        while (wanted) {
            if (errand != null) {
                runErrand();
            }
            int slowed = throttle;
            long began = slowed > 0 ? System.nanoTime() : 0;
            if (vcpu.run(slowed > 0 ? SHORT_BUDGET : BUDGET) == Vcpu.Exit.WAIT_FOR_INTERRUPT) {
                while (wanted && errand == null && !vcpu.hasPendingWakeup()) {
                    LockSupport.park(this);
                }
            } else if (slowed > 0) {
                rest(began, slowed);
            }
        }
        lastInstruction = System.nanoTime();
    }

    /** Rests in proportion to the time that the vCPU has run since {@code began}. */
    private void rest(long began, int percent) {
        long now = System.nanoTime();
        long end = now + (now - began) * percent / (100 - percent);
        while (wanted && errand == null && throttle > 0 && now < end) {
            LockSupport.parkNanos(this, end - now);
            now = System.nanoTime();
        }
    }

    private void runErrand() {
        lock.lock();
        try {
            Runnable task = errand;
            if (task != null) {
                task.run();
                errand = null;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Tells who waits in {@link #pause} that the vCPU stands still, unless it is wanted again. */
    private void answer() {
        lock.lock();
        try {
            if (!wanted) {
                executing = false;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}
