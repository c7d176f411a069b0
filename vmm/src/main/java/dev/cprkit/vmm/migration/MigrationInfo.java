package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.qapi.MigrationStatus;
import java.util.List;
import java.util.Optional;

/** What {@code query-migrate} returns (reference/qemu-cpr.md, section 8.3). Stateless. */
final class MigrationInfo {
    private MigrationInfo() {}

    /** The whole answer; a process that was a target and then a source shows the source. */
    static JsonObject of(Migration migration) {
        JsonObject info = new JsonObject();
        List<String> blocked = migration.blockedReasons();
        incoming(migration, info);
        Optional<OutgoingMigration> outgoing = migration.outgoing();
        if (outgoing.isPresent()) {
            outgoing(migration.progress(), outgoing.get(), info);
        }
        if (!blocked.isEmpty()) {
            info.put("blocked-reasons", Migration.texts(blocked));
        }
        return info;
    }

    private static void incoming(Migration migration, JsonObject info) {
        MigrationProgress progress = migration.incoming().progress();
        if (progress.status() == MigrationStatus.NONE) {
            return;
        }
        info.put("status", progress.status().qapiName());
        migration
                .incoming()
                .listensAt()
                .ifPresent(at -> info.put("socket-address", new JsonArray().add(Channels.json(at))));
        if (!progress.error().isEmpty()) {
            info.put("error-desc", progress.error());
        }
    }

    private static void outgoing(MigrationProgress progress, OutgoingMigration migration, JsonObject info) {
        info.members().clear();
        MigrationStatus status = progress.status();
        info.put("status", status.qapiName());
        if (!progress.error().isEmpty()) {
            info.put("error-desc", progress.error());
        }
        MigrationTimes times = migration.times();
        switch (status) {
            case ACTIVE, PRE_SWITCHOVER, DEVICE, CANCELLING, FAILING, COMPLETED -> {
                info.put("total-time", times.total());
                info.put("setup-time", times.setup());
                info.put("ram", ram(times, status));
                if (status == MigrationStatus.COMPLETED) {
                    info.put("downtime", times.downtime());
                } else {
                    info.put("expected-downtime", 0);
                    info.put("remaining", 0);
                }
            }
            case NONE,
                    SETUP,
                    CANCELLED,
                    FAILED,
                    POSTCOPY_DEVICE,
                    POSTCOPY_ACTIVE,
                    POSTCOPY_PAUSED,
                    POSTCOPY_RECOVER_SETUP,
                    POSTCOPY_RECOVER,
                    COLO,
                    WAIT_UNPLUG -> {}
        }
    }

    /** In this mode no page is sent: the total is 0, and what was transferred is the device state. */
    private static JsonObject ram(MigrationTimes times, MigrationStatus status) {
        boolean done = status == MigrationStatus.COMPLETED;
        return new JsonObject()
                .put("transferred", times.bytes())
                .put("remaining", 0)
                .put("total", 0)
                .put("duplicate", 0)
                .put("normal", 0)
                .put("normal-bytes", 0)
                .put("dirty-pages-rate", 0)
                .put("mbps", JsonNumber.of(0.0))
                .put("dirty-sync-count", 2)
                .put("postcopy-requests", 0)
                .put("page-size", StreamFormat.PAGE_SIZE)
                .put("multifd-bytes", 0)
                .put("pages-per-second", 0)
                .put("precopy-bytes", 0)
                .put("downtime-bytes", done ? times.bytes() : 0)
                .put("postcopy-bytes", 0)
                .put("dirty-sync-missed-zero-copy", 0);
    }
}
