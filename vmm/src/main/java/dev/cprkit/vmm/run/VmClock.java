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

    /** While ticking, {@code base} is what to add to the host's clock; else it is the time itself. */
    private record Phase(boolean ticking, long base) {}

    private final TimerQueue timers;
    private volatile Phase phase = new Phase(false, 0);

    VmClock(Runnable onEarlier) {
        this.timers = new TimerQueue(onEarlier);
    }

    @Override
    public long now() {
        Phase current = phase;
        return current.ticking ? System.nanoTime() + current.base : current.base;
    }

    /** Lets the clock go on from where it stopped. */
    public void start() {
        if (!phase.ticking) {
            phase = new Phase(true, phase.base - System.nanoTime());
            timers.changed();
        }
    }

    /** Freezes the clock. */
    public void stop() {
        if (phase.ticking) {
            phase = new Phase(false, now());
        }
    }

    /** Sets the time, as an incoming migration does; the clock must be stopped. */
    public void set(long nanos) {
        if (phase.ticking) {
            throw new IllegalStateException("the virtual clock is set while it ticks");
        }
        phase = new Phase(false, nanos);
    }

    /** Whether it is ticking. */
    public boolean ticking() {
        return phase.ticking;
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
        return phase.ticking ? timers.untilNext(now()) : Long.MAX_VALUE;
    }

    /** Fires the timers that are due. */
    void fireDue() {
        if (phase.ticking) {
            timers.fireDue(now());
        }
    }
}
