package dev.cprkit.vmm.device;

import dev.cprkit.vmm.run.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A clock that stands still until a test advances it; due timers fire on the way, in order. */
public final class ManualClock implements Clock {
    private final List<ManualTimer> timers = new ArrayList<>();
    private long now;

    public ManualClock(long now) {
        this.now = now;
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public Timer timer(Runnable action) {
        ManualTimer timer = new ManualTimer(action);
        timers.add(timer);
        return timer;
    }

    /** Goes on by that many ns. */
    public void advance(long nanos) {
        long target = now + nanos;
        for (Optional<ManualTimer> due = due(target); due.isPresent(); due = due(target)) {
            ManualTimer timer = due.get();
            now = Math.max(now, timer.deadline);
            timer.deadline = -1;
            timer.action.run();
        }
        now = target;
    }

    /** Goes on by that many ns while the host is too busy to fire anything. */
    public void skip(long nanos) {
        now += nanos;
    }

    private Optional<ManualTimer> due(long target) {
        return timers.stream()
                .filter(t -> t.deadline >= 0 && t.deadline <= target)
                .min(Comparator.comparingLong(t -> t.deadline));
    }

    private static final class ManualTimer implements Timer {
        private final Runnable action;
        private long deadline = -1;

        private ManualTimer(Runnable action) {
            this.action = action;
        }

        @Override
        public void arm(long when) {
            deadline = when;
        }

        @Override
        public void cancel() {
            deadline = -1;
        }

        @Override
        public long deadline() {
            return deadline;
        }
    }
}
