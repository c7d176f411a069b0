package dev.cprkit.agent.monitor;

import dev.cprkit.proto.client.QmpEvent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The events that a VM has sent since we began to listen: the first of each name, and through what its migration went. So a
 * VM that floods us with events for days costs no memory, and hides none. Filled by the reader thread, read by any.
 */
public final class VmEvents {
    private static final String MIGRATION = "MIGRATION";

    /** More names, and more statuses, than there are. */
    private static final int MOST = 1_000;

    private final Map<String, QmpEvent> firsts = new HashMap<>();
    private final Set<String> statuses = new HashSet<>();
    private Optional<String> status = Optional.empty();
    private final Runnable changed;

    /** @param changed called after each event, on the reader thread */
    VmEvents(Runnable changed) {
        this.changed = changed;
    }

    void add(QmpEvent event) {
        synchronized (this) {
            if (firsts.size() < MOST) {
                firsts.putIfAbsent(event.name(), event);
            }
            if (event.name().equals(MIGRATION)) {
                status = Optional.of(event.text("status"));
                if (statuses.size() < MOST) {
                    statuses.add(status.get());
                }
            }
        }
        changed.run();
    }

    /** The first event of that name. */
    public synchronized Optional<QmpEvent> first(String name) {
        return Optional.ofNullable(firsts.get(name));
    }

    /** Whether an event of that name has come. */
    public boolean has(String name) {
        return first(name).isPresent();
    }

    /** Whether the migration has gone through a status. */
    public synchronized boolean migrationWas(String wanted) {
        return statuses.contains(wanted);
    }

    /** The migration's status by the last event that told one. */
    public synchronized Optional<String> migrationStatus() {
        return status;
    }
}
