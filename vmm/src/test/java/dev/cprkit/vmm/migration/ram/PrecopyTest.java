package dev.cprkit.vmm.migration.ram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.vmm.migration.ram.RamSaver.ZeroPages;
import dev.cprkit.vmm.state.StateInput;
import dev.cprkit.vmm.state.StateOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pace of RAM while a guest writes it: limits, convergence, cancelling. */
@Timeout(60)
class PrecopyTest {
    private static final int PAGES = 512;
    private static final long BYTES = (long) PAGES * TestRam.PAGE;

    private final TestRam from = new TestRam(PAGES);
    private final TestRam to = new TestRam(PAGES);
    private final RamStatistics statistics = new RamStatistics(BYTES);
    private final RamPace pace = new RamPace();
    private final RamSaver saver =
            new RamSaver(from.plan(), from.log(), ZeroPages.DETECTED, statistics, Optional.empty());
    private final List<Integer> passes = new ArrayList<>();
    private final ReentrantLock guestLock = new ReentrantLock();
    private final StateOutput out = StateOutput.toMemory();
    private volatile boolean guestRuns;
    private volatile boolean guestSlow;
    private final AtomicLong sections = new AtomicLong(1);
    private CompletableFuture<Void> guest = CompletableFuture.completedFuture(null);
    private final Precopy precopy = new Precopy(saver, statistics, pace, () -> guestRuns, passes::add);

    @AfterEach
    void end() {
        stopGuest();
        saver.close();
        from.close();
        to.close();
    }

    /** A guest that writes one page after the other, all the time. */
    private void startGuest() {
        from.log().restsBy(task -> {
            guestLock.lock();
            try {
                task.run();
            } finally {
                guestLock.unlock();
            }
        });
        guestRuns = true;
        guest = CompletableFuture.runAsync(
                () -> {
                    for (int i = 0; guestRuns; i++) {
                        if (guestSlow) {
                            LockSupport.parkNanos(1_000_000);
                            continue;
                        }
                        guestLock.lock();
                        try {
                            from.write(0, i % PAGES, 1 + i % 100);
                        } finally {
                            guestLock.unlock();
                        }
                    }
                },
                task -> Thread.ofPlatform().daemon().start(task));
        long start = System.nanoTime();
        while (from.bytes(0)[0] == 0) {
            assertThat(System.nanoTime() - start).isLessThan(20_000_000_000L);
            Thread.onSpinWait();
        }
    }

    private void stopGuest() {
        guestRuns = false;
        guest.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private void run() throws IOException {
        saver.writeStart(out);
        precopy.run(out, new Precopy.Frame() {
            @Override
            public void begin(StateOutput stream) {}

            @Override
            public void end(StateOutput stream) {
                long ignored = sections.incrementAndGet();
            }
        });
    }

    private CompletableFuture<Void> runAside() {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        run();
                    } catch (IOException e) {
                        throw new IllegalStateException(e.getMessage(), e);
                    }
                },
                task -> Thread.ofPlatform().daemon().start(task));
    }

    private void finishAndCompare() throws Exception {
        stopGuest();
        saver.syncStopped();
        saver.writeRest(out);
        StateInput in = StateInput.of(out.toByteArray());
        RamLoader loader = new RamLoader(to.plan(), Optional.empty());
        for (long i = 0; i <= sections.get(); i++) {
            loader.load(in);
        }
        assertThat(in.atEnd()).isTrue();
        assertThat(to.bytes(0)).isEqualTo(from.bytes(0));
    }

    /** The guest of this test stands still once it is slowed down at all. */
    @Test
    void aGuestThatWritesFasterThanIsSentIsSlowedDownUntilItIsCaughtUpWith() throws Exception {
        pace.set(BYTES, 0, 1); // a second for all of RAM, and a page or two may be left
        AutoConverge converge =
                new AutoConverge(new AutoConverge.Settings(50, 20, 10, false, 99), percent -> guestSlow = percent > 0);
        precopy.brakeBy(converge);
        startGuest();
        CompletableFuture<Void> sending = runAside();
        sending.get(20, TimeUnit.SECONDS);
        assertThat(converge.percent()).isEqualTo(20);
    }

    @Test
    void ramThatNobodyWritesIsSentOnce() throws Exception {
        pace.set(1_000_000, 0, 300); // no limit for a guest that stands still: else it would take two seconds
        from.scribble(1);
        run();
        assertThat(passes).containsExactly(2);
        assertThat(statistics.normalPages() + statistics.zeroPages()).isEqualTo(PAGES);
        assertThat(statistics.expectedDowntime()).isEqualTo(300);
        finishAndCompare();
        assertThat(statistics.syncs()).isEqualTo(2);
    }

    @Test
    void aGuestThatWritesAllTheTimeIsStoppedWhenItsRestFitsIntoTheDowntime() throws Exception {
        pace.set(0, 0, 20_000);
        startGuest();
        run();
        assertThat(passes).isNotEmpty();
        finishAndCompare();
    }

    @Test
    void withoutDowntimeItGoesOnUntilTheLimitIsRaised() throws Exception {
        pace.set(8_000_000, 0, 1);
        startGuest();
        CompletableFuture<Void> running = runAside();
        assertThatThrownBy(() -> running.get(1500, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        assertThat(statistics.syncs()).isGreaterThan(2);
        assertThat(statistics.dirtyPagesRate()).isPositive();
        assertThat(statistics.mbps()).isBetween(6.4, 640.0);
        assertThat(statistics.pagesPerSecond()).isPositive();
        assertThat(statistics.expectedDowntime()).isGreaterThan(1);
        pace.set(8_000_000, 0, 100_000);
        running.get(20, TimeUnit.SECONDS);
        finishAndCompare();
    }

    @Test
    void theSpeedAtSwitchoverMayBeTold() throws Exception {
        pace.set(8_000_000, 1L << 40, 1);
        startGuest();
        run();
        finishAndCompare();
    }

    @Test
    void theBandwidthIsKeptToAndAChangeCountsAtOnce() throws Exception {
        from.write(0, 0, 1);
        for (int page = 0; page < PAGES; page++) {
            from.write(0, page, 3);
        }
        pace.set(100_000, 0, 0);
        guestRuns = true;
        long start = System.nanoTime();
        CompletableFuture<Void> running = runAside();
        assertThatThrownBy(() -> running.get(450, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        double seconds = (System.nanoTime() - start) / 1e9;
        assertThat((double) statistics.transferred()).isLessThan(100_000 * seconds + 10_000 + TestRam.PAGE + 8);
        pace.set(0, 0, 0);
        running.get(10, TimeUnit.SECONDS);
        assertThat(statistics.normalPages()).isEqualTo(PAGES);
        finishAndCompare();
    }

    @Test
    void aCancelEndsItAlsoWhileItWaitsForTheNextWindow() {
        pace.set(1, 0, 0);
        startGuest();
        CompletableFuture<Void> running = runAside();
        long start = System.nanoTime();
        while (statistics.transferred() == 0) {
            assertThat(System.nanoTime() - start).isLessThan(20_000_000_000L);
            Thread.onSpinWait();
        }
        precopy.cancel();
        assertThatThrownBy(() -> running.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasStackTraceContaining("the migration was cancelled");
    }
}
