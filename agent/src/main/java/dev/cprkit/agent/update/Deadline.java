package dev.cprkit.agent.update;

import java.time.Duration;

/** A moment by which something must have happened, on the host's monotonic clock. */
final class Deadline {
    private final long nanos;
    private final Duration limit;

    private Deadline(Duration limit) {
        this.nanos = System.nanoTime() + limit.toNanos();
        this.limit = limit;
    }

    static Deadline in(Duration limit) {
        return new Deadline(limit);
    }

    /** What is left, never negative. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
    }

    /** The shorter of what is left and {@code limit}. */
    Duration atMost(Duration limit) {
        Duration left = left();
        return left.compareTo(limit) < 0 ? left : limit;
    }

    boolean isOver() {
        return left().isZero();
    }

    /** The whole time, for messages. */
    Duration limit() {
        return limit;
    }
}
