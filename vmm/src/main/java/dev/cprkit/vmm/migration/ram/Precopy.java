package dev.cprkit.vmm.migration.ram;

import dev.cprkit.vmm.state.StateOutput;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * Sends RAM while the guest runs, until so little of it is out of date that the guest can be stopped for the rest
 * (reference/qemu-cpr.md, section 2.2, steps 4 and 5 of the migration thread).
 *
 * <p>How it works: time is cut into windows of 100 ms. In each, at most a tenth of {@code max-bandwidth} is sent, then
 * the thread waits for the next; at its end the speed is measured. When what is known to be pending could be sent within
 * {@code downtime-limit} at that speed, the guest's writes are looked at; if that is still so, it is time. A guest that
 * stands still writes nothing, so nothing is gained by sending slowly: then there is no limit.
 *
 * <p>Threads: {@link #run} is for the thread that sends, {@link #cancel} for any.
 */
public final class Precopy {
    private static final long MILLISECOND = 1_000_000;
    private static final long WINDOW = 100 * MILLISECOND;
    private static final long TURN = 50 * MILLISECOND;
    private static final long RATE_PERIOD = 1000 * MILLISECOND;
    /** A speed measured over less says more about buffers than about the channel. */
    private static final long MEASURABLE = MILLISECOND;

    /** The head and the footer of a PART section. */
    public interface Frame {
        void begin(StateOutput out) throws IOException;

        void end(StateOutput out) throws IOException;
    }

    private final RamSaver saver;
    private final RamStatistics statistics;
    private final RamPace pace;
    private final BooleanSupplier guestRuns;
    private final IntConsumer onPass;
    private long windowStart;
    private long windowBytes;
    private long windowPages;
    /** What earlier windows sent too much: pages are sent whole. */
    private long debt;

    private double speed;
    private long rateStart;
    private long rateBytes;
    private long dirtied;
    private long pendingAtSync;
    private volatile Optional<AutoConverge> brake = Optional.empty();

    /**
     * Prepares to send what a saver has.
     *
     * @param guestRuns whether the guest executes; asked on the sending thread
     * @param onPass told the number of each look at the guest's writes, on the sending thread
     */
    public Precopy(
            RamSaver saver, RamStatistics statistics, RamPace pace, BooleanSupplier guestRuns, IntConsumer onPass) {
        this.saver = saver;
        this.statistics = statistics;
        this.pace = pace;
        this.guestRuns = guestRuns;
        this.onPass = onPass;
    }

    /** Has a guest that writes too fast slowed down; call it before {@link #run}. */
    public void brakeBy(AutoConverge converge) {
        brake = Optional.of(converge);
    }

    /** Writes PART sections until the guest may be stopped; START has been written. Throws when cancelled. */
    public void run(StateOutput out, Frame frame) throws IOException {
        long now = System.nanoTime();
        boolean ignored = pace.await(now); // what was set before counts anyway
        begin(now);
        rateStart = now;
        rateBytes = statistics.transferred();
        statistics.pace(0, 0, pace.downtimeLimit());
        while (!converged()) {
            long room = room();
            if (room <= 0) {
                awaitNextWindow();
            } else if (saver.pending() > 0) {
                statistics.guestRuns(guestRuns.getAsBoolean());
                frame.begin(out);
                saver.writeSome(out, room, System.nanoTime() + TURN);
                frame.end(out);
                out.flush();
            }
            measure();
        }
    }

    /** Ends {@link #run} soon, in whatever it is. */
    public void cancel() {
        saver.cancel();
        pace.hurry();
    }

    /** Whether what is pending could be sent within the limit, also after a look at what the guest has written. */
    private boolean converged() {
        if (saver.pending() > affordable()) {
            return false;
        }
        int pass = saver.sync();
        pendingAtSync = saver.pending();
        dirtied += saver.takeDirtied();
        onPass.accept(pass);
        long now = System.nanoTime();
        if (now - rateStart >= RATE_PERIOD) {
            statistics.dirtyRate((long) (dirtied * 1e9 / (now - rateStart)));
            if (brake.isPresent()) {
                brake.get().period(dirtied * RamFormat.PAGE, statistics.transferred() - rateBytes);
            }
            dirtied = 0;
            rateStart = now;
            rateBytes = statistics.transferred();
        }
        return saver.pending() <= affordable();
    }

    private long affordable() {
        if (speed == 0) {
            long elapsed = System.nanoTime() - windowStart;
            long bytes = statistics.transferred() - windowBytes;
            return elapsed < MEASURABLE || bytes == 0 ? 0 : pace.affordable(capped(bytes * 1e9 / elapsed));
        }
        return pace.affordable(speed);
    }

    /** Before the limit was reached for the first time, a burst looks faster than the limit. */
    private double capped(double measured) {
        long limit = pace.maxBandwidth();
        return limit > 0 ? Math.min(measured, (double) limit) : measured;
    }

    /** How many bytes may still be sent in this window. */
    private long room() {
        long limit = pace.maxBandwidth();
        if (limit <= 0 || !guestRuns.getAsBoolean()) { // from 2^63 on it is no limit either
            return Long.MAX_VALUE;
        }
        return share(limit) - debt - (statistics.transferred() - windowBytes);
    }

    /** What a window may send. */
    private static long share(long limit) {
        return Math.max(1, limit / 10);
    }

    private void awaitNextWindow() throws IOException {
        if (pace.await(windowStart + WINDOW)) {
            saver.checkCancelled();
            debt = 0; // another limit counts from now on
            begin(System.nanoTime());
        }
    }

    private void begin(long now) {
        windowStart = now;
        windowBytes = statistics.transferred();
        windowPages = statistics.normalPages() + statistics.zeroPages();
    }

    private void measure() {
        long now = System.nanoTime();
        long elapsed = now - windowStart;
        if (elapsed < WINDOW) {
            return;
        }
        long bytes = statistics.transferred() - windowBytes;
        long pages = statistics.normalPages() + statistics.zeroPages() - windowPages;
        speed = bytes * 1e9 / elapsed;
        long downtime = pace.downtimeLimit();
        double reckoned = pace.affordable(speed) * 1000.0 / Math.max(1, downtime);
        if (pendingAtSync > 0 && reckoned > 0) {
            downtime = (long) (pendingAtSync * 1000 / reckoned);
        }
        statistics.pace(bytes * 8e3 / elapsed, pages * 1e9 / elapsed, downtime);
        long limit = pace.maxBandwidth();
        debt = limit <= 0 ? 0 : Math.max(0, debt + bytes - share(limit));
        begin(now);
    }
}
