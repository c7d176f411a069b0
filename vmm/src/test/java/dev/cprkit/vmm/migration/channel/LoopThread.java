package dev.cprkit.vmm.migration.channel;

import dev.cprkit.vmm.run.MachineLock;
import dev.cprkit.vmm.run.MainLoop;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** A main loop on a thread of its own, to run a test's steps on. */
final class LoopThread {
    static final int LIMIT_SECONDS = 20;

    private final MainLoop loop;
    private final Thread thread;

    LoopThread() throws Exception {
        loop = new MainLoop(new MachineLock());
        thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                loop.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    MainLoop loop() {
        return loop;
    }

    /** Runs a step on the loop's thread and returns what it returns. */
    <T> T on(Callable<T> step) throws Exception {
        FutureTask<T> task = new FutureTask<>(step);
        loop.post(task);
        return task.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    void end() throws Exception {
        loop.post(loop::end);
        thread.join(LIMIT_SECONDS * 1000L);
    }
}
