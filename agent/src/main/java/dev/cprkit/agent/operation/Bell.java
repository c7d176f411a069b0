package dev.cprkit.agent.operation;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Wakes those who wait for something that nobody tells them: they look again when it rings, or after a while. Any thread. */
final class Bell {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition rung = lock.newCondition();
    private long rings;

    void ring() {
        lock.lock();
        try {
            rings++;
            rung.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Until it rings, at most so long. */
    void await(Duration limit) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long seen = rings;
            for (long left = limit.toNanos(); left > 0 && rings == seen; ) {
                left = rung.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }
}
