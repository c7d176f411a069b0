package dev.cprkit.agent.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The writes of operations that are under way. Each is on the disk when {@link #write} returns, unless the disk is full or
 * broken: then it is kept here, and tried again in order, with the next write and every half second. So the story is told
 * to its end once there is room; and if this process ends before, whoever recovers the operation looks at what is there.
 */
final class Backlog implements AutoCloseable {
    private static final Duration RETRY = Duration.ofMillis(500);

    private final Database database;
    private final Queue<Write> waiting = new ArrayDeque<>();
    private final ScheduledExecutorService retries = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("journal").factory());
    private Optional<JournalException> trouble = Optional.empty();
    private boolean retrying;

    /** One write, in a transaction of its own. */
    interface Write {
        void to(Connection connection) throws SQLException;
    }

    Backlog(Database database) {
        this.database = database;
    }

    synchronized void write(Write write) {
        waiting.add(write);
        flush();
    }

    /** Writes what waits; whether nothing does any more. */
    synchronized boolean flush() {
        while (!waiting.isEmpty()) {
            Write first = waiting.element();
            try {
                database.write(connection -> {
                    first.to(connection);
                    return null;
                });
                waiting.remove();
            } catch (JournalException e) {
                trouble = Optional.of(e);
                retryLater();
                return false;
            }
        }
        trouble = Optional.empty();
        return true;
    }

    private void retryLater() {
        if (!retrying && !retries.isShutdown()) {
            retrying = true;
            var _ = retries.schedule(this::retry, RETRY.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void retry() {
        retrying = false;
        flush();
    }

    /** Why something waits; empty if nothing does. */
    synchronized Optional<JournalException> trouble() {
        return trouble;
    }

    @Override
    public synchronized void close() {
        retries.shutdownNow();
        flush();
    }
}
