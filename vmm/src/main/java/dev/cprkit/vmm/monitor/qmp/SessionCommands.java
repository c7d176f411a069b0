package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.monitor.Version;
import dev.cprkit.vmm.monitor.qapi.QapiSchema;
import dev.cprkit.vmm.monitor.qapi.SchemaInfo;

/** What the server says of itself: query-version, query-commands, query-target, query-qmp-schema. */
public final class SessionCommands {
    private final QmpRegistry registry;
    private final Version version;

    public SessionCommands(QmpRegistry registry, Version version) {
        this.registry = registry;
        this.version = version;
    }

    /** Adds the commands. */
    public void register() {
        registry.add("query-version", this::queryVersion);
        registry.add("query-commands", this::queryCommands);
        registry.add("query-target", SessionCommands::queryTarget);
        registry.add("query-qmp-schema", arguments -> SchemaInfo.of(QapiSchema.instance(), this::exists));
    }

    /** QAPI {@code VersionInfo}. */
    static JsonObject describe(Version version) {
        JsonObject numbers = new JsonObject()
                .put("micro", version.micro())
                .put("minor", version.minor())
                .put("major", version.major());
        return new JsonObject().put("qemu", numbers).put("package", version.packageText());
    }

    private JsonValue queryVersion(QmpArguments arguments) throws QmpError {
        arguments.end();
        return describe(version);
    }

    private JsonValue queryCommands(QmpArguments arguments) throws QmpError {
        arguments.end();
        JsonArray commands = new JsonArray();
        commands.add(new JsonObject().put("name", "qmp_capabilities"));
        for (String name : registry.names()) {
            commands.add(new JsonObject().put("name", name));
        }
        return commands;
    }

    private boolean exists(String command) {
        return command.equals("qmp_capabilities") || registry.names().contains(command);
    }

    private static JsonValue queryTarget(QmpArguments arguments) throws QmpError {
        arguments.end();
        return new JsonObject().put("arch", "riscv64");
    }
}
