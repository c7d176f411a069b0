package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.run.Clock;

/**
 * The time before the guest stops, used to rehearse its save in small pieces, so that monitors are answered and the guest
 * gets at its devices meanwhile. Main loop's thread.
 */
final class SpareTime {
    private static final int REHEARSALS = 300;
    private static final long SLICE = 2_000_000;
    private static final long BETWEEN_SLICES = 8_000_000;

    private final Clock clock;
    private final Rehearsal rehearsal;
    private final Clock.Timer timer;

    private SpareTime(Clock clock, StreamContent content) {
        this.clock = clock;
        this.rehearsal = Rehearsal.ofSave(content);
        this.timer = clock.timer(this::rehearse);
    }

    /** Rehearses from now on. */
    static SpareTime begin(Clock clock, StreamContent content) {
        SpareTime time = new SpareTime(clock, content);
        time.timer.arm(clock.now());
        return time;
    }

    private void rehearse() {
        if (!rehearsal.run(REHEARSALS, SLICE)) {
            timer.arm(clock.now() + BETWEEN_SLICES);
        }
    }

    /** It is over: the guest stops, or nothing comes of it. Harmless when repeated. */
    void end() {
        timer.cancel();
    }
}
