package dev.cprkit.vmm.chardev;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.vmm.run.MachineLock;
import dev.cprkit.vmm.run.MainLoop;
import java.util.concurrent.Callable;

/** A main loop on a thread of its own, for tests that are the other end of a chardev. */
public final class LoopThread implements AutoCloseable {
    private static final long JOIN_MS = 10_000;

    private final MachineLock lock = new MachineLock();
    private final MainLoop loop;
    private final Thread thread;

    public LoopThread() throws ErrnoException {
        loop = new MainLoop(lock);
        thread = new Thread(
                () -> {
                    try {
                        loop.run();
                    } catch (ErrnoException e) {
                        throw new IllegalStateException(e);
                    }
                },
                "test-loop");
        thread.start();
    }

    public MainLoop loop() {
        return loop;
    }

    /** Runs something as the loop does: with the machine lock held. */
    public <T> T call(Callable<T> action) throws Exception {
        lock.lock();
        try {
            return action.call();
        } finally {
            lock.unlock();
        }
    }

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
        if (thread.isAlive()) {
            throw new IllegalStateException("the loop did not end");
        }
        loop.close();
    }
}
