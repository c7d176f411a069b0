package dev.cprkit.vmm.run;

import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.VmState;
import java.math.BigInteger;
import java.util.EnumSet;
import java.util.Set;

/**
 * A countdown timer for device models: a counter that falls by one each period, triggers when it reaches 0, and begins
 * again from a limit, or stops.
 *
 * <p>How it works: no event happens on each decrement. When counting starts, the time at which it will be over is
 * computed and one timer of the clock is set to it; what the counter shows meanwhile is computed from the time that is
 * left. The next round begins when the last one should have ended, so that a late host does not make the timer drift.
 *
 * <p>Hardware differs in what happens around 0. By default: to start with, or set, a counter of 0 triggers at once and
 * loads the limit, with a limit of 0 the timer stops; a running counter shows one less than what is left, begun periods
 * not counted; and 0 is left in the moment it is reached. Each {@link Policy} changes one of these. The semantics, and what travels, are
 * those of QEMU's device of the same purpose.
 *
 * <p>A periodic timer does not trigger more often than each 10 microseconds, whatever a guest programs, or the host would do nothing else.
 *
 * <p>Used with the machine lock held. All settings are made inside {@link #change}, at whose end they take effect
 * together; the trigger is called from within one, and may set the timer again.
 */
public final class PTimer {
    /** What a model does differently from the default. */
    public enum Policy {
        /** A periodic counter stays at 0 for one period before it wraps around to the limit. */
        WRAP_AFTER_ONE_PERIOD,
        /** A periodic timer whose counter and limit are 0 triggers each period, where it would stop. */
        CONTINUOUS_TRIGGER,
        /** Starting with, or setting, a counter of 0 triggers after one period, not at once. */
        NO_IMMEDIATE_TRIGGER,
        /** Starting with, or setting, a counter of 0 loads the limit after one period, not at once. */
        NO_IMMEDIATE_RELOAD,
        /** A running counter shows the period that has begun as well. */
        NO_COUNTER_ROUND_DOWN,
        /** Only a decrement to 0 triggers; to start with 0, or set it, loads the limit and no more. */
        TRIGGER_ONLY_ON_DECREMENT
    }

    /** What it is doing; the order is that of the stream. */
    public enum Mode {
        STOPPED,
        /** Begins again from the limit each time. */
        PERIODIC,
        /** Stops at 0. */
        ONE_SHOT
    }

    /** Why a round of counting begins. */
    private enum Cause {
        /** It was set or started. */
        SET,
        /** The last round has counted down to 0. */
        COUNTED_DOWN,
        /** A period at 0 is over that was no countdown. */
        WAITED
    }

    /** QEMU's {@code ptimer}. */
    public static final VmState<PTimer> STATE = VmState.<PTimer>of("ptimer", 1)
            .u8("enabled", t -> t.mode.ordinal(), (t, v) -> t.received = (int) v)
            .u64("limit", t -> t.limit, (t, v) -> t.limit = v)
            .u64("delta", t -> t.count, (t, v) -> t.count = v)
            .u32("period_frac", t -> t.fraction, (t, v) -> t.fraction = v)
            .s64("period", t -> t.period, (t, v) -> t.period = v)
            .s64("last_event", t -> t.begun, (t, v) -> t.begun = v)
            .s64("next_event", t -> t.ends, (t, v) -> t.ends = v)
            .timer("timer", t -> t.timer.deadline(), PTimer::setTimer)
            .postLoad((t, version) -> t.loaded())
            .build();

    private static final Mode[] MODES = Mode.values();
    private static final long SECOND = 1_000_000_000L;
    private static final long SHORTEST_ROUND = 10_000;
    private static final long NEVER = Long.MAX_VALUE;

    private final Clock clock;
    private final Runnable trigger;
    private final Set<Policy> policies;
    private final Clock.Timer timer;
    private Mode mode = Mode.STOPPED;
    private long limit;
    /** The counter when this round began; when stopped, the counter. Unsigned, as the limit. */
    private long count;
    /** Whole ns of a period, and 2^32ths of one. */
    private long period;

    private long fraction;
    /** When this round began and when it is over, in ns of the clock. */
    private long begun;

    private long ends;
    private boolean changing;
    private boolean begins;
    private int received;

    /**
     * A timer that is stopped and has no period yet.
     *
     * @param trigger is called when it triggers, with the machine lock held
     * @throws IllegalArgumentException if NO_IMMEDIATE_TRIGGER and TRIGGER_ONLY_ON_DECREMENT are both asked for: one
     *     says when, the other says never
     */
    public PTimer(Clock clock, Runnable trigger, Set<Policy> policies) {
        this.clock = clock;
        this.trigger = trigger;
        this.policies = EnumSet.noneOf(Policy.class);
        this.policies.addAll(policies);
        if (has(Policy.NO_IMMEDIATE_TRIGGER) && has(Policy.TRIGGER_ONLY_ON_DECREMENT)) {
            throw new IllegalArgumentException("a counter that is set to 0 cannot trigger both later and never");
        }
        this.timer = clock.timer(this::expired);
    }

    private boolean has(Policy policy) {
        return policies.contains(policy);
    }

    /** What it is doing. */
    public Mode mode() {
        return mode;
    }

    /** What it counts down from. */
    public long limit() {
        return limit;
    }

    /** Runs settings that take effect together when it ends. */
    public void change(Runnable settings) {
        if (changing) {
            settings.run();
            return;
        }
        changing = true;
        try {
            settings.run();
            settle();
        } finally {
            changing = false;
        }
    }

    /** How long a period is, in ns; the counter goes on from where it is. */
    public void period(long nanos) {
        setPeriod(nanos, 0);
    }

    /** How many periods a second has. */
    public void frequency(long hertz) {
        setPeriod(SECOND / hertz, (SECOND % hertz << 32) / hertz);
    }

    private void setPeriod(long nanos, long parts) {
        mustBeChanging();
        count = count();
        period = nanos;
        fraction = parts;
        begins |= mode != Mode.STOPPED;
    }

    /** What to count down from next time; with {@code reload}, from now on. Unsigned. */
    public void limit(long next, boolean reload) {
        mustBeChanging();
        limit = next;
        if (reload) {
            count(next);
        }
    }

    /** Sets the counter. Unsigned. */
    public void count(long next) {
        mustBeChanging();
        count = next;
        begins |= mode != Mode.STOPPED;
    }

    /** Starts it, or lets it go on in that mode. Without a period it stays stopped. */
    public void run(Mode next) {
        mustBeChanging();
        if (mode == Mode.STOPPED) {
            begins = period != 0 || fraction != 0;
            mode = begins ? next : Mode.STOPPED;
        } else {
            mode = next;
        }
    }

    /** Stops it where it is. */
    public void stop() {
        mustBeChanging();
        if (mode != Mode.STOPPED) {
            count = count();
            halt();
        }
    }

    private void halt() {
        mode = Mode.STOPPED;
        begins = false;
        timer.cancel();
    }

    private void mustBeChanging() {
        if (!changing) {
            throw new IllegalStateException("a timer is set outside of a change");
        }
    }

    /** What the counter shows now. */
    public long count() {
        if (mode == Mode.STOPPED || count == 0) {
            return count;
        }
        long now = clock.now();
        if (now >= ends) {
            return 0;
        }
        long left = ends == NEVER ? count - periodsBegun(now - begun) : periodsWithin(ends - now);
        boolean justBegun = now == begun;
        if (has(Policy.WRAP_AFTER_ONE_PERIOD) && mode == Mode.PERIODIC && count == limit) {
            // A round after a countdown is one period longer than the limit: that period is spent at 0.
            if (Long.compareUnsigned(left, limit) > 0 || !justBegun && left == limit) {
                return 0;
            }
        }
        return has(Policy.NO_COUNTER_ROUND_DOWN) && !justBegun ? left + 1 : left;
    }

    /** Lets what was set take effect. The trigger may set more. */
    private void settle() {
        while (begins && mode != Mode.STOPPED) {
            begins = false;
            ends = clock.now();
            begin(Cause.SET);
        }
        begins = false;
    }

    /** Begins a round at the time at which the last one ended. */
    private void begin(Cause cause) {
        boolean quiet = has(Policy.NO_IMMEDIATE_TRIGGER) || cause == Cause.SET && has(Policy.TRIGGER_ONLY_ON_DECREMENT);
        if (count == 0 && !quiet) {
            trigger.run();
            if (mode == Mode.STOPPED) {
                return;
            }
        }
        if (count == 0 && !has(Policy.NO_IMMEDIATE_RELOAD)) {
            count = limit;
        }
        long periods = periods(cause);
        if (periods == 0 || period == 0 && fraction == 0) {
            halt();
            return;
        }
        begun = ends;
        ends = after(begun, periods);
        timer.arm(ends);
    }

    /** How many periods this round has; 0 if it has none to come, and the timer stops. */
    private long periods(Cause cause) {
        boolean atZero =
                cause == Cause.COUNTED_DOWN && has(Policy.WRAP_AFTER_ONE_PERIOD) || count == 0 && waitsAtZero(cause);
        return atZero ? count + 1 : count;
    }

    private boolean waitsAtZero(Cause cause) {
        return has(Policy.CONTINUOUS_TRIGGER) && mode == Mode.PERIODIC && limit == 0
                || has(Policy.NO_IMMEDIATE_TRIGGER) && cause != Cause.WAITED
                || has(Policy.NO_IMMEDIATE_RELOAD) && mode == Mode.PERIODIC && limit != 0;
    }

    /** The round is over. */
    private void expired() {
        changing = true;
        try {
            if (mode == Mode.ONE_SHOT) {
                count = 0;
                halt();
                trigger.run();
            } else if (mode == Mode.PERIODIC) {
                boolean waited = count == 0 || limit == 0;
                count = limit;
                begin(waited ? Cause.WAITED : Cause.COUNTED_DOWN);
                if (!waited || has(Policy.NO_IMMEDIATE_TRIGGER)) {
                    trigger.run();
                }
            }
            settle();
        } finally {
            changing = false;
        }
    }

    /** Whether a round of this length would be over too soon for the host. */
    private boolean tooShort() {
        return mode == Mode.PERIODIC
                && Long.compareUnsigned(count, SHORTEST_ROUND) < 0
                && period < SHORTEST_ROUND
                && Math.max(1, count) * period < SHORTEST_ROUND;
    }

    private long wholePeriod() {
        return tooShort() ? SHORTEST_ROUND / Math.max(1, count) : period;
    }

    private long periodFraction() {
        return tooShort() ? 0 : fraction;
    }

    /** The time that many periods after another; {@link #NEVER} if the clock cannot count that far. */
    private long after(long from, long periods) {
        long whole = wholePeriod();
        long parts = Math.unsignedMultiplyHigh(periodFraction() << 32, periods);
        long nanos = whole * periods + parts;
        boolean tooFar = Math.unsignedMultiplyHigh(whole, periods) != 0 || nanos < 0 || nanos > NEVER - from;
        return tooFar ? NEVER : from + nanos;
    }

    /** The largest number of whole periods that do not take longer than that. */
    private long periodsWithin(long nanos) {
        long whole = wholePeriod();
        long parts = periodFraction();
        if (parts == 0) {
            return nanos / whole;
        }
        BigInteger each = BigInteger.valueOf(whole).shiftLeft(32).add(BigInteger.valueOf(parts));
        BigInteger all =
                BigInteger.valueOf(nanos).add(BigInteger.ONE).shiftLeft(32).subtract(BigInteger.ONE);
        return all.divide(each).longValue();
    }

    private long periodsBegun(long nanos) {
        return nanos == 0 ? 0 : periodsWithin(nanos - 1) + 1;
    }

    private void setTimer(long deadline) {
        if (deadline == -1) {
            timer.cancel();
        } else {
            timer.arm(deadline);
        }
    }

    private void loaded() throws StateException {
        boolean counts = received != Mode.STOPPED.ordinal();
        if (received >= MODES.length || period < 0 || counts && period == 0 && fraction == 0) {
            throw new StateException("a timer is in mode " + received + " with a period of " + period + " ns");
        }
        mode = MODES[received];
    }
}
