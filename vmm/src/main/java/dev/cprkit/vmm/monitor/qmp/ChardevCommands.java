package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.chardev.Chardevs;

/** The chardevs: query-chardev. */
public final class ChardevCommands {
    private final Chardevs chardevs;

    public ChardevCommands(Chardevs chardevs) {
        this.chardevs = chardevs;
    }

    /** Adds the commands. */
    public void register(QmpRegistry registry) {
        registry.add("query-chardev", this::queryChardev);
    }

    private JsonValue queryChardev(QmpArguments arguments) throws QmpError {
        arguments.end();
        JsonArray result = new JsonArray();
        for (Chardevs.Info info : chardevs.all()) {
            result.add(new JsonObject()
                    .put("label", info.label())
                    .put("filename", info.filename())
                    .put("frontend-open", info.frontendOpen()));
        }
        return result;
    }
}
