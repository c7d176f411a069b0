package dev.cprkit.agent.monitor;

import dev.cprkit.proto.client.QmpEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The events that a VM has sent since we began to listen. Filled by the reader thread, read by any. */
public final class VmEvents {
    /** More than an update ever causes; a guest that floods us with events costs no more memory than this. */
    private static final int MAX = 10_000;

    private final List<QmpEvent> events = new ArrayList<>();
    private final Runnable changed;

    /** @param changed called after each event, on the reader thread */
    VmEvents(Runnable changed) {
        this.changed = changed;
    }

    void add(QmpEvent event) {
        synchronized (this) {
            if (events.size() < MAX) {
                events.add(event);
            }
        }
        changed.run();
    }

    /** The first event of that name. */
    public synchronized Optional<QmpEvent> first(String name) {
        return events.stream().filter(e -> e.name().equals(name)).findFirst();
    }

    /** Whether an event of that name has come. */
    public boolean has(String name) {
        return first(name).isPresent();
    }

    /** Whether the migration has gone through a status. */
    public synchronized boolean migrationWas(String status) {
        return events.stream()
                .anyMatch(e -> e.name().equals("MIGRATION") && e.text("status").equals(status));
    }

    /** The migration's status by the last event that told one. */
    public synchronized Optional<String> migrationStatus() {
        for (QmpEvent event : events.reversed()) {
            if (event.name().equals("MIGRATION")) {
                return Optional.of(event.text("status"));
            }
        }
        return Optional.empty();
    }
}
