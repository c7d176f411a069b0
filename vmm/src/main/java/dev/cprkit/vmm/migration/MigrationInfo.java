package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.qapi.MigrationStatus;
import dev.cprkit.vmm.migration.ram.RamFormat;
import dev.cprkit.vmm.migration.ram.RamStatistics;
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
                info.put("ram", ram(times.ram()));
                if (migration.throttled() > 0) {
                    info.put("cpu-throttle-percentage", migration.throttled());
                }
                if (status == MigrationStatus.COMPLETED) {
                    info.put("downtime", times.downtime());
                } else {
                    info.put("expected-downtime", times.ram().expectedDowntime());
                    info.put("remaining", times.ram().remaining());
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

    private static JsonObject ram(RamStatistics ram) {
        return new JsonObject()
                .put("transferred", ram.transferred())
                .put("remaining", ram.remaining())
                .put("total", ram.total())
                .put("duplicate", ram.zeroPages())
                .put("normal", ram.normalPages())
                .put("normal-bytes", ram.normalPages() * RamFormat.PAGE)
                .put("dirty-pages-rate", ram.dirtyPagesRate())
                .put("mbps", JsonNumber.of(ram.mbps()))
                .put("dirty-sync-count", ram.syncs())
                .put("postcopy-requests", 0)
                .put("page-size", RamFormat.PAGE)
                .put("multifd-bytes", 0)
                .put("pages-per-second", ram.pagesPerSecond())
                .put("precopy-bytes", ram.precopyBytes())
                .put("downtime-bytes", ram.downtimeBytes())
                .put("postcopy-bytes", 0)
                .put("dirty-sync-missed-zero-copy", 0);
    }
}
