package dev.cprkit.vmm.migration;

/** How long an outgoing migration took and how much it sent, for {@code query-migrate}. Main loop's thread. */
final class MigrationTimes {
    private static final long MILLISECOND = 1_000_000;

    private long started;
    private long setup = -1;
    private long stopped;
    private long completed;
    private long transferred;

    void started() {
        started = System.nanoTime();
    }

    void setupDone() {
        setup = System.nanoTime() - started;
    }

    void stopped() {
        stopped = System.nanoTime();
    }

    void completed() {
        completed = System.nanoTime();
    }

    void transferred(long bytes) {
        transferred += bytes;
    }

    /** From {@code migrate} to the end, or until now, in ms. */
    long total() {
        return ((completed != 0 ? completed : System.nanoTime()) - started) / MILLISECOND;
    }

    /** From {@code migrate} to {@code active}, in ms; 0 before that. */
    long setup() {
        return Math.max(0, setup) / MILLISECOND;
    }

    /** From the order to stop to the end as this process sees it, in ms. */
    long downtime() {
        return (completed - stopped) / MILLISECOND;
    }

    /** Bytes of the stream. */
    long bytes() {
        return transferred;
    }
}
