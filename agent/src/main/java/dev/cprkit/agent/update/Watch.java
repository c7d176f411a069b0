package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.proto.client.QmpException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How the update's thread waits: until a condition holds, looking again after each event of either VM and at least
 * every 50 ms, until a deadline passes or somebody asks to stop.
 */
final class Watch {
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Something to wait for. */
    interface Happened {
        boolean check() throws QmpException, UpdateFailure;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition poked = lock.newCondition();
    private long pokes;

    /** Makes the waiting thread look again. Any thread. */
    void poke() {
        lock.lock();
        try {
            pokes++;
            poked.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits, or fails with {@link ExitStatus#ABORTED}; {@code failure} says what did not happen. */
    void await(String failure, Deadline deadline, Happened condition) throws QmpException, UpdateFailure {
        if (!happens(deadline.left(), condition)) {
            throw new UpdateFailure(
                    ExitStatus.ABORTED, failure + " within " + deadline.limit().toSeconds() + " s");
        }
    }

    /** Waits at most {@code limit}; whether it happened. */
    boolean happens(Duration limit, Happened condition) throws QmpException, UpdateFailure {
        Deadline deadline = Deadline.in(limit);
        for (; ; ) {
            long seen = seen();
            if (condition.check()) {
                return true;
            }
            if (deadline.isOver()) {
                return false;
            }
            pause(seen, Math.min(LOOK_AGAIN_NANOS, deadline.left().toNanos()));
        }
    }

    private long seen() {
        lock.lock();
        try {
            return pokes;
        } finally {
            lock.unlock();
        }
    }

    private void pause(long seen, long nanos) throws UpdateFailure {
        lock.lock();
        try {
            for (long left = nanos; left > 0 && pokes == seen; ) {
                left = poked.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UpdateFailure(ExitStatus.ABORTED, "the update's thread was interrupted");
        } finally {
            lock.unlock();
        }
    }
}
