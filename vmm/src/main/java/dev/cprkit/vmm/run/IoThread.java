package dev.cprkit.vmm.run;

import dev.cprkit.proto.os.ErrnoException;
import java.util.concurrent.locks.Lock;

/**
 * A loop on a thread of its own, with a lock of its own, for connections that have to be heard while the main loop is
 * held up. Whoever touches what lives on it holds {@link #lock}; a thread that has that lock must not wait for the
 * machine lock, while the other way round is fine.
 */
public final class IoThread implements AutoCloseable {
    private static final long JOIN_MS = 1000;

    private final MachineLock lock = new MachineLock();
    private final MainLoop loop;
    private final Thread thread;

    /** Starts the thread. */
    public IoThread(String name) throws ErrnoException {
        loop = new MainLoop(lock, sentence -> System.err.println("vmm: " + sentence));
        thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    private void run() {
        try {
            loop.run();
        } catch (ErrnoException e) {
            throw new IllegalStateException("the thread " + thread.getName() + " cannot wait any more", e);
        }
    }

    /** The loop. */
    public EventLoop loop() {
        return loop;
    }

    /** Held by the thread whenever it does not wait. */
    public Lock lock() {
        return lock;
    }

    /** Ends the thread, whose watches are closed by then. */
    @Override
    public void close() {
        lock.lock();
        try {
            loop.end();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(JOIN_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!thread.isAlive()) {
            loop.close();
        }
    }
}
