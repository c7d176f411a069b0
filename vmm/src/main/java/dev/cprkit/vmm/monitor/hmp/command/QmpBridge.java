package dev.cprkit.vmm.monitor.hmp.command;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.monitor.hmp.HmpError;
import dev.cprkit.vmm.monitor.qmp.QmpArguments;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import dev.cprkit.vmm.monitor.qmp.QmpRegistry;

/** Runs QMP commands for the human monitor, so that what both can do exists once. Main loop's thread, machine lock held. */
final class QmpBridge {
    private final QmpRegistry commands;

    QmpBridge(QmpRegistry commands) {
        this.commands = commands;
    }

    JsonValue call(String name, JsonObject arguments) throws HmpError {
        try {
            return commands.find(name)
                    .orElseThrow(() -> new IllegalStateException("no QMP command " + name))
                    .execute(new QmpArguments(arguments));
        } catch (QmpError e) {
            throw new HmpError(e.getMessage());
        }
    }
}
