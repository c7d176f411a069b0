package dev.cprkit.vmm.run;

import java.util.PriorityQueue;

/** The armed timers of one clock, earliest first. Used with the machine lock held. */
final class TimerQueue {
    private final PriorityQueue<Entry> armed = new PriorityQueue<>();
    private final Runnable onEarlier;
    private long sequence;

    /** {@code onEarlier} is called when the earliest deadline has become earlier, so that a waiting loop looks again. */
    TimerQueue(Runnable onEarlier) {
        this.onEarlier = onEarlier;
    }

    Clock.Timer timer(Runnable action) {
        return new Entry(action);
    }

    long untilNext(long now) {
        Entry first = armed.peek();
        return first == null ? Long.MAX_VALUE : Math.max(0, first.deadline - now);
    }

    /** The earliest deadline; {@link Long#MAX_VALUE} if nothing is armed. */
    long next() {
        Entry first = armed.peek();
        return first == null ? Long.MAX_VALUE : first.deadline;
    }

    void fireDue(long now) {
        for (Entry first = armed.peek(); first != null && first.deadline <= now; first = armed.peek()) {
            armed.remove();
            first.isArmed = false;
            first.action.run();
        }
    }

    /** The clock itself changed: whoever waits must look again. */
    void changed() {
        if (!armed.isEmpty()) {
            onEarlier.run();
        }
    }

    /** Equal deadlines fire in the order they were armed. */
    private final class Entry implements Clock.Timer, Comparable<Entry> {
        private final Runnable action;
        private long deadline;
        private long order;
        private boolean isArmed;

        Entry(Runnable action) {
            this.action = action;
        }

        @Override
        public void arm(long at) {
            if (isArmed) {
                armed.remove(this);
            }
            deadline = at;
            order = sequence++;
            isArmed = true;
            armed.add(this);
            if (armed.peek() == this) {
                onEarlier.run();
            }
        }

        @Override
        public void cancel() {
            if (isArmed) {
                armed.remove(this);
                isArmed = false;
            }
        }

        @Override
        public long deadline() {
            return isArmed ? deadline : -1;
        }

        @Override
        public int compareTo(Entry other) {
            int byTime = Long.compare(deadline, other.deadline);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }
}
