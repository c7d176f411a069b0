package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.vmm.monitor.hmp.HmpCommand;
import dev.cprkit.vmm.monitor.hmp.HmpOutput;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.qmp.QmpArguments;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import dev.cprkit.vmm.monitor.qmp.QmpRegistry;
import java.util.List;

/**
 * What keeps the machine from migrating, for all modes at once: QMP {@code x-query-migration-blockers} and HMP
 * {@code info migration_blockers}. QEMU tells only those of the mode that is set.
 */
public final class BlockerCommands {
    private final MigrationBlockers blockers;

    private BlockerCommands(MigrationBlockers blockers) {
        this.blockers = blockers;
    }

    /** Adds both commands. */
    public static void register(QmpRegistry qmp, HmpRegistry hmp, MigrationBlockers blockers) {
        BlockerCommands commands = new BlockerCommands(blockers);
        qmp.add("x-query-migration-blockers", commands::query);
        hmp.addInfo(new HmpCommand(
                "migration_blockers",
                "",
                "show what keeps the machine from migrating, in every mode",
                (out, rest) -> commands.info(out)));
    }

    private JsonValue query(QmpArguments arguments) throws QmpError {
        arguments.end();
        JsonArray all = new JsonArray();
        for (MigMode mode : MigMode.values()) {
            all.add(new JsonObject().put("mode", mode.qapiName()).put("reasons", Migration.texts(blockers.list(mode))));
        }
        return all;
    }

    private void info(HmpOutput out) {
        for (MigMode mode : MigMode.values()) {
            List<String> reasons = blockers.list(mode);
            out.println(mode.qapiName() + ":" + (reasons.isEmpty() ? " none" : ""));
            for (String reason : reasons) {
                out.println("  " + reason);
            }
        }
    }
}
