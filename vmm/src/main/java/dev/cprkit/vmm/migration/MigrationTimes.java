package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.migration.ram.RamStatistics;

/** How long an outgoing migration took and what it sent, for {@code query-migrate}. Main loop's thread. */
final class MigrationTimes {
    private static final long MILLISECOND = 1_000_000;

    private long started;
    private long setup = -1;
    private long stopped;
    private long completed;
    private RamStatistics ram = new RamStatistics(0);

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
        ram.completed(total() - setup());
    }

    /** What is told of RAM from now on. */
    void ram(RamStatistics statistics) {
        ram = statistics;
    }

    RamStatistics ram() {
        return ram;
    }

    /** Bytes that were sent, and are not of RAM. */
    void transferred(long bytes) {
        ram.otherBytes(bytes);
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
        return ram.transferred();
    }
}
