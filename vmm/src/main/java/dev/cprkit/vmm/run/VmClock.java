package dev.cprkit.vmm.run;

import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.VmState;

/**
 * The machine's virtual clock: nanoseconds of guest time, the host's monotonic clock minus the time stopped. It starts at
 * 0, stopped. Timers on it fire only while it ticks.
 *
 * <p>Reading is safe on any thread; starting, stopping and setting need the machine lock.
 */
public final class VmClock implements Clock {
    /** QEMU's {@code timer} section: two tick counters of x86 and the clock itself, which is stopped when it travels. */
    private static final VmState<VmClock> STATE = VmState.<VmClock>of("timer", 2)
            .unused("cpu_ticks_offset", 8)
            .unused("unused", 8)
            .since(2)
            .s64("cpu_clock_offset", VmClock::now, VmClock::set)
            .build();

    /** Whether the clock moves. */
    private enum Pace {
        /** Not at all. */
        STOPPED,
        /** With the host's clock. */
        TICKING,
        /** When it is told to: see {@link #moveByHand}. */
        STEPPED
    }

    /** While ticking, {@code base} is what to add to the host's clock; else it is the time itself. */
    private record Phase(Pace pace, long base) {
        boolean ticking() {
            return pace == Pace.TICKING;
        }

        boolean runs() {
            return pace != Pace.STOPPED;
        }
    }

    private final TimerQueue timers;
    private volatile Phase phase = new Phase(Pace.STOPPED, 0);
    private boolean byHand;

    /** A stopped clock; {@code onEarlier} is called when whoever waits for its timers must look again. */
    public VmClock(Runnable onEarlier) {
        this.timers = new TimerQueue(onEarlier);
    }

    @Override
    public long now() {
        Phase current = phase;
        return current.ticking() ? System.nanoTime() + current.base : current.base;
    }

    /** Lets the clock go on from where it stopped. */
    public void start() {
        if (!phase.runs()) {
            phase = byHand
                    ? new Phase(Pace.STEPPED, phase.base)
                    : new Phase(Pace.TICKING, phase.base - System.nanoTime());
            timers.changed();
        }
    }

    /** From the next start on, the clock moves by {@link #advance} alone. Call it while the clock is stopped. */
    public void moveByHand() {
        requireStopped();
        byHand = true;
    }

    /** Whether {@link #moveByHand} was called. */
    public boolean movesByHand() {
        return byHand;
    }

    /**
     * Moves a clock that is moved by hand forward to that time, in ns; never back. Unless it is stopped, timers fire in
     * their order on the way, each at its own time, also those that are armed meanwhile.
     */
    public void advance(long to) {
        if (!byHand) {
            throw new IllegalStateException("this clock moves by itself");
        }
        if (phase.runs()) {
            for (long next = timers.next(); next <= to; next = timers.next()) {
                phase = new Phase(Pace.STEPPED, Math.max(phase.base, next));
                timers.fireDue(phase.base);
            }
        }
        phase = new Phase(phase.pace, Math.max(phase.base, to));
    }

    /** When the next timer fires that will, in ns; {@link Long#MAX_VALUE} if none will. */
    public long nextDeadline() {
        return phase.runs() ? timers.next() : Long.MAX_VALUE;
    }

    /** Freezes the clock. */
    public void stop() {
        if (phase.runs()) {
            phase = new Phase(Pace.STOPPED, now());
        }
    }

    /** Sets the time, as an incoming migration does; the clock must be stopped. */
    public void set(long nanos) {
        requireStopped();
        phase = new Phase(Pace.STOPPED, nanos);
    }

    private void requireStopped() {
        if (phase.runs()) {
            throw new IllegalStateException("the virtual clock is set while it ticks");
        }
    }

    /** Whether it is ticking, or would move if it were told to. */
    public boolean ticking() {
        return phase.runs();
    }

    /** What of it travels. */
    public Section<VmClock> section() {
        return Section.of(STATE, this);
    }

    @Override
    public Timer timer(Runnable action) {
        return timers.timer(action);
    }

    /** How long until the next timer fires, in ns: 0 if one is due, {@link Long#MAX_VALUE} if none will. */
    long untilNext() {
        return switch (phase.pace) {
            case STOPPED -> Long.MAX_VALUE;
            case TICKING -> timers.untilNext(now());
            case STEPPED -> timers.next() <= now() ? 0 : Long.MAX_VALUE;
        };
    }

    /** Fires the timers that are due. */
    void fireDue() {
        if (phase.runs()) {
            timers.fireDue(now());
        }
    }
}
