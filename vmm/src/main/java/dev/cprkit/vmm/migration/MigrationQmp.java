package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.qapi.MigrationChannel;
import dev.cprkit.proto.qapi.MigrationStatus;
import dev.cprkit.vmm.monitor.qmp.QmpArguments;
import dev.cprkit.vmm.monitor.qmp.QmpCommand;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import dev.cprkit.vmm.monitor.qmp.QmpRegistry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The QMP commands of migration (reference/qemu-cpr.md, section 8.2). */
public final class MigrationQmp {
    private final Migration migration;

    private MigrationQmp(Migration migration) {
        this.migration = migration;
    }

    /** Adds the commands. */
    public static void register(QmpRegistry registry, Migration migration) {
        MigrationQmp commands = new MigrationQmp(migration);
        registry.add("migrate", commands::migrate);
        registry.add("migrate-incoming", commands::migrateIncoming);
        registry.add("migrate_cancel", commands::cancel);
        registry.add("migrate-continue", commands::proceed);
        registry.addOutOfBand(
                "migrate-pause",
                refusal("migrate-pause is currently only supported during postcopy-active or postcopy-recover state"));
        registry.addOutOfBand("migrate-recover", MigrationQmp::recover);
        registry.add(
                "migrate-start-postcopy",
                refusal("Enable postcopy with migrate_set_capability before the start of migration"));
        registry.add("query-migrate", plain(() -> MigrationInfo.of(migration)));
        registry.add("migrate-set-parameters", commands::setParameters);
        registry.add(
                "query-migrate-parameters", plain(() -> migration.parameters().query()));
        registry.add("migrate-set-capabilities", commands::setCapabilities);
        registry.add("query-migrate-capabilities", plain(commands::queryCapabilities));
        registry.add("x-query-cpr-timeline", plain(migration::timeline));
    }

    /** A command without arguments. */
    private static QmpCommand plain(java.util.function.Supplier<JsonValue> answer) {
        return arguments -> {
            arguments.end();
            return answer.get();
        };
    }

    private static QmpCommand refusal(String text) {
        return arguments -> {
            arguments.end();
            throw QmpError.generic(text);
        };
    }

    private JsonValue migrate(QmpArguments arguments) throws QmpError {
        Channels.Request channels = Channels.Request.take(arguments);
        boolean resume = arguments.optionalBool("resume").orElse(false);
        arguments.end();
        migration.migrate(channels.channels(), resume);
        return new JsonObject();
    }

    private JsonValue migrateIncoming(QmpArguments arguments) throws QmpError {
        Channels.Request channels = Channels.Request.take(arguments);
        boolean exitOnError = arguments.optionalBool("exit-on-error").orElse(true);
        arguments.end();
        migration.incoming().checkWanted();
        migration.startIncoming(channels.incoming(), exitOnError);
        return new JsonObject();
    }

    private JsonValue cancel(QmpArguments arguments) throws QmpError {
        arguments.end();
        migration.cancel();
        return new JsonObject();
    }

    private JsonValue proceed(QmpArguments arguments) throws QmpError {
        String state = arguments.string("state");
        MigrationStatus expected = MigrationStatus.of(state).orElseThrow(() -> arguments.badEnum("state", state));
        arguments.end();
        migration.proceed(expected);
        return new JsonObject();
    }

    private static JsonValue recover(QmpArguments arguments) throws QmpError {
        arguments.string("uri");
        arguments.end();
        throw QmpError.generic("Migrate recover can only be run when postcopy is paused.");
    }

    private JsonValue setParameters(QmpArguments arguments) throws QmpError {
        migration.parameters().set(arguments);
        return new JsonObject();
    }

    private JsonValue setCapabilities(QmpArguments arguments) throws QmpError {
        List<JsonValue> values = arguments
                .optionalArray("capabilities")
                .orElseThrow(() -> arguments.missing("capabilities"))
                .values();
        Map<MigrationCapability, Boolean> states = new EnumMap<>(MigrationCapability.class);
        for (int i = 0; i < values.size(); i++) {
            QmpArguments entry = arguments.element("capabilities", i, values.get(i));
            String name = entry.string("capability");
            MigrationCapability capability =
                    MigrationCapability.of(name).orElseThrow(() -> entry.badEnum("capability", name));
            states.put(capability, entry.optionalBool("state").orElseThrow(() -> entry.missing("state")));
            entry.end();
        }
        arguments.end();
        migration.checkIdle();
        migration.capabilities().set(states);
        return new JsonObject();
    }

    private JsonValue queryCapabilities() {
        JsonArray all = new JsonArray();
        for (MigrationCapability capability : MigrationCapability.values()) {
            all.add(new JsonObject()
                    .put("capability", capability.qapiName())
                    .put("state", migration.capabilities().has(capability)));
        }
        return all;
    }

    /** A MigrationChannel in JSON, as {@code -incoming} gives it, with QEMU's error texts. */
    public static MigrationChannel channel(JsonObject object) throws QmpError {
        return Channels.channel(new QmpArguments(object));
    }

    /** Of several {@code -incoming} channels of one type the last counts (reference/qemu-cpr.md, section 1.5). */
    public static List<MigrationChannel> lastOfEachType(List<MigrationChannel> channels) {
        Map<MigrationChannel.Type, MigrationChannel> last = new EnumMap<>(MigrationChannel.Type.class);
        for (MigrationChannel channel : channels) {
            last.put(channel.type(), channel);
        }
        return new ArrayList<>(last.values());
    }
}
