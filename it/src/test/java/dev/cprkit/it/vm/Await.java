package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for a condition, with a limit. */
public final class Await {
    private static final long LOOK_AGAIN_NANOS = 2_000_000;

    private Await() {}

    /** A condition that may fail in any way while it is asked. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws Exception;
    }

    /** Returns when the condition holds; fails with {@code otherwise} when it does not within the limit. */
    public static void until(Duration limit, Supplier<String> otherwise, Condition condition) throws Exception {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                fail("not within " + limit.toMillis() + " ms: " + otherwise.get());
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
    }
}
