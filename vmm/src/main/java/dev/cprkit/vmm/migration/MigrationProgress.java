package dev.cprkit.vmm.migration;

import static dev.cprkit.proto.qapi.MigrationStatus.ACTIVE;
import static dev.cprkit.proto.qapi.MigrationStatus.CANCELLED;
import static dev.cprkit.proto.qapi.MigrationStatus.CANCELLING;
import static dev.cprkit.proto.qapi.MigrationStatus.COMPLETED;
import static dev.cprkit.proto.qapi.MigrationStatus.DEVICE;
import static dev.cprkit.proto.qapi.MigrationStatus.FAILED;
import static dev.cprkit.proto.qapi.MigrationStatus.FAILING;
import static dev.cprkit.proto.qapi.MigrationStatus.NONE;
import static dev.cprkit.proto.qapi.MigrationStatus.PRE_SWITCHOVER;
import static dev.cprkit.proto.qapi.MigrationStatus.SETUP;

import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.qapi.MigrationStatus;
import dev.cprkit.vmm.monitor.EventSink;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The status of one side of migration, the edges it may take (reference/qemu-cpr.md, section 2.1), and a MIGRATION event
 * for each if capability {@code events} is on. Main loop's thread.
 */
final class MigrationProgress {
    private static final Map<MigrationStatus, Set<MigrationStatus>> EDGES = edges();

    private final MigrationCapabilities capabilities;
    private final EventSink events;
    private MigrationStatus status = NONE;
    private String error = "";
    private final List<Runnable> endings = new ArrayList<>();

    MigrationProgress(MigrationCapabilities capabilities, EventSink events) {
        this.capabilities = capabilities;
        this.events = events;
    }

    MigrationStatus status() {
        return status;
    }

    /** Why it failed; empty if it did not. */
    String error() {
        return error;
    }

    void error(String reason) {
        error = reason;
    }

    /** Whether the edge is in the table. */
    static boolean allowed(MigrationStatus from, MigrationStatus to) {
        return EDGES.getOrDefault(from, Set.of()).contains(to);
    }

    /** Forgets an earlier migration, without an event. */
    void reset() {
        if (status.isRunning()) {
            throw new IllegalStateException("a migration that is " + status.qapiName() + " cannot be forgotten");
        }
        status = NONE;
        error = "";
    }

    /** Runs the action once, when no migration runs any more: now, if that is so. */
    void whenEnded(Runnable action) {
        if (status.isRunning()) {
            endings.add(action);
        } else {
            action.run();
        }
    }

    /** Takes an edge, which must be in the table. */
    void set(MigrationStatus next) {
        if (!allowed(status, next)) {
            throw new IllegalStateException(
                    "invalid migration status transition: '" + status.qapiName() + "' -> '" + next.qapiName() + "'");
        }
        status = next;
        event("MIGRATION", new JsonObject().put("status", next.qapiName()));
        if (!next.isRunning()) {
            List<Runnable> all = List.copyOf(endings);
            endings.clear();
            all.forEach(Runnable::run);
        }
    }

    /** Sends an event if clients asked for events of migrations. */
    void event(String name, JsonObject data) {
        if (capabilities.has(MigrationCapability.EVENTS)) {
            events.emit(name, data);
        }
    }

    private static Map<MigrationStatus, Set<MigrationStatus>> edges() {
        Map<MigrationStatus, Set<MigrationStatus>> table = new EnumMap<>(MigrationStatus.class);
        table.put(NONE, EnumSet.of(SETUP));
        table.put(SETUP, EnumSet.of(ACTIVE, FAILING, FAILED, CANCELLING));
        table.put(ACTIVE, EnumSet.of(PRE_SWITCHOVER, DEVICE, COMPLETED, FAILING, FAILED, CANCELLING));
        table.put(PRE_SWITCHOVER, EnumSet.of(DEVICE, FAILING, CANCELLING));
        table.put(DEVICE, EnumSet.of(COMPLETED, FAILING, CANCELLING));
        table.put(CANCELLING, EnumSet.of(CANCELLED));
        table.put(FAILING, EnumSet.of(FAILED));
        table.put(COMPLETED, EnumSet.of(FAILED));
        return table;
    }
}
