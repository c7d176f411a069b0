package dev.cprkit.vmm;

import dev.cprkit.vmm.cpu.riscv.Rehearsal;
import java.util.Optional;

/**
 * Makes the JVM compile the interpreter before a guest comes in, while the old process still runs it: without that, the
 * guest would first go on at the speed of a JVM that has compiled nothing yet. Runs on a thread of its own from the start
 * of the process, so that most of it is over when the old process connects.
 *
 * <p>It begins no new round after 2 s, or the milliseconds in the system property {@code cprkit.rehearsal.ms}: with 0 there
 * is none, for tests that end before a guest comes in.
 */
final class WarmUp {
    private static final int ROUNDS = 5_000;
    private static final String ENOUGH = "cprkit.rehearsal.ms";
    private static final long ENOUGH_MILLIS = 2_000;
    private static final int MOST = 8;
    private static final long LIMIT_MILLIS = 5_000;

    private Optional<Thread> thread = Optional.empty();

    /** Begins. */
    void begin() {
        thread = Optional.of(Thread.ofPlatform().daemon().name("rehearsal").start(WarmUp::rehearse));
    }

    /** Waits until it is done, some seconds at the most; then the guest comes in to what has been compiled by then. */
    void await() {
        if (thread.isPresent()) {
            try {
                thread.get().join(LIMIT_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void rehearse() {
        long start = System.nanoTime();
        long enough = Long.getLong(ENOUGH, ENOUGH_MILLIS) * 1_000_000;
        for (int i = 0; i < MOST && System.nanoTime() - start < enough; i++) {
            Rehearsal.run(ROUNDS);
        }
    }
}
