package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.qapi.MigrationStatus;
import dev.cprkit.vmm.monitor.hmp.HmpArguments;
import dev.cprkit.vmm.monitor.hmp.HmpCommand;
import dev.cprkit.vmm.monitor.hmp.HmpError;
import dev.cprkit.vmm.monitor.hmp.HmpOutput;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import dev.cprkit.vmm.run.Clock;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The human monitor's commands of migration (reference/qemu-cpr.md, sections 1.1 and 8.4). */
public final class MigrationHmp {
    private static final long POLL = 1_000_000_000L;

    private final Migration migration;
    private final Clock clock;

    private MigrationHmp(Migration migration, Clock clock) {
        this.migration = migration;
        this.clock = clock;
    }

    /**
     * Adds the commands.
     *
     * @param clock the host's, for a monitor that waits for the end of a migration
     */
    public static void register(HmpRegistry registry, Migration migration, Clock clock) {
        MigrationHmp commands = new MigrationHmp(migration, clock);
        transfers(registry, commands);
        settings(registry, commands);
        registry.addInfo(HmpCommand.of(
                "migrate",
                "all:-a",
                "[-a]",
                "show migration status (-a: also what the stream consists of)",
                (out, arguments) -> MigrationText.info(migration, arguments.flag("all"), out)));
        registry.addInfo(HmpCommand.of(
                "migrate_parameters",
                "",
                "",
                "show current migration parameters",
                (out, arguments) -> MigrationText.parameters(migration.parameters(), out)));
        registry.addInfo(HmpCommand.of(
                "migrate_capabilities",
                "",
                "",
                "show current migration capabilities",
                (out, arguments) -> MigrationText.capabilities(migration.capabilities(), out)));
    }

    private static void transfers(HmpRegistry registry, MigrationHmp commands) {
        registry.add(HmpCommand.of(
                "migrate",
                "detach:-d,resume:-r,uri:s",
                "[-d] [-r] uri",
                "migrate to URI (-d: without waiting for the end; -r: resume a paused postcopy migration)",
                commands::migrate));
        registry.add(HmpCommand.of(
                "migrate_incoming",
                "uri:s",
                "uri",
                "begin the incoming migration that -incoming defer put off",
                commands::migrateIncoming));
        registry.add(HmpCommand.of(
                "migrate_cancel",
                "",
                "",
                "cancel the current VM migration",
                (out, arguments) -> commands.run(commands.migration::cancel)));
        registry.add(HmpCommand.of(
                        "migrate_continue",
                        "state:s",
                        "state",
                        "let a migration go on that waits in that state",
                        commands::proceed)
                .completing(position -> position == 0 ? List.of("pre-switchover") : List.of()));
        registry.add(
                HmpCommand.of("migrate_pause", "", "", "pause a migration in its postcopy phase", (out, arguments) -> {
                    throw new HmpError("migrate-pause is currently only supported during postcopy-active"
                            + " or postcopy-recover state");
                }));
        registry.add(HmpCommand.of(
                "migrate_recover", "uri:s", "uri", "go on with a paused postcopy migration", (out, arguments) -> {
                    throw new HmpError("Migrate recover can only be run when postcopy is paused.");
                }));
        registry.add(HmpCommand.of(
                "migrate_start_postcopy", "", "", "switch a migration to its postcopy phase", (out, arguments) -> {
                    throw new HmpError("Enable postcopy with migrate_set_capability before the start of migration");
                }));
    }

    private static void settings(HmpRegistry registry, MigrationHmp commands) {
        registry.add(HmpCommand.of(
                        "migrate_set_parameter",
                        "parameter:s,value:S",
                        "parameter value",
                        "Set the parameter for migration",
                        commands::setParameter)
                .completing(position -> position == 0 ? parameterNames() : List.of()));
        registry.add(HmpCommand.of(
                        "migrate_set_capability",
                        "capability:s,state:b",
                        "capability state",
                        "Enable/Disable the usage of a capability for migration",
                        commands::setCapability)
                .completing(position -> switch (position) {
                    case 0 -> capabilityNames();
                    case 1 -> List.of("on", "off");
                    default -> List.of();
                }));
    }

    private static List<String> parameterNames() {
        List<String> names = new ArrayList<>();
        for (MigrationParameter parameter : MigrationParameter.values()) {
            names.add(parameter.qapiName());
        }
        return names;
    }

    private static List<String> capabilityNames() {
        List<String> names = new ArrayList<>();
        for (MigrationCapability capability : MigrationCapability.values()) {
            names.add(capability.qapiName());
        }
        return names;
    }

    private void migrate(HmpOutput out, HmpArguments arguments) throws HmpError {
        String uri = arguments.string("uri");
        run(() -> migration.migrate(new Channels(Channels.parse(uri), Optional.empty()), arguments.flag("resume")));
        if (!arguments.flag("detach")) {
            awaitEnd(out);
        }
    }

    /** Keeps the monitor from taking commands until the migration is over, and says how it ended if not well. */
    private void awaitEnd(HmpOutput out) {
        Optional<Runnable> suspended = out.suspend();
        if (suspended.isEmpty()) {
            out.println("terminal does not allow synchronous migration, continuing detached");
            return;
        }
        Clock.Timer[] timer = new Clock.Timer[1];
        timer[0] = clock.timer(() -> {
            MigrationStatus status = migration.progress().status();
            if (status == MigrationStatus.SETUP || status == MigrationStatus.ACTIVE) {
                timer[0].arm(clock.now() + POLL);
                return;
            }
            if (!migration.progress().error().isEmpty()) {
                out.println(migration.progress().error());
            }
            suspended.get().run();
        });
        timer[0].arm(clock.now());
    }

    private void migrateIncoming(HmpOutput out, HmpArguments arguments) throws HmpError {
        run(() -> migration.startIncoming(Channels.parse(arguments.string("uri")), false));
    }

    private void proceed(HmpOutput out, HmpArguments arguments) throws HmpError {
        String state = arguments.string("state");
        run(() -> migration.proceed(
                MigrationStatus.of(state).orElseThrow(() -> QmpError.generic("invalid parameter value: " + state))));
    }

    private void setCapability(HmpOutput out, HmpArguments arguments) throws HmpError {
        String name = arguments.string("capability");
        run(() -> {
            MigrationCapability capability = MigrationCapability.of(name)
                    .orElseThrow(() -> QmpError.generic("invalid parameter value: " + name));
            migration.checkIdle();
            migration.capabilities().set(capability, arguments.isOn("state"));
        });
    }

    private void setParameter(HmpOutput out, HmpArguments arguments) throws HmpError {
        String name = arguments.string("parameter");
        run(() -> {
            MigrationParameter parameter =
                    MigrationParameter.of(name).orElseThrow(() -> QmpError.generic("invalid parameter value: " + name));
            migration.parameters().set(parameter, parse(parameter, arguments.string("value")));
        });
    }

    private static JsonValue parse(MigrationParameter parameter, String text) throws QmpError {
        return switch (parameter.kind()) {
            case BOOL ->
                new JsonBool(SettingText.flag(text)
                        .orElseThrow(() ->
                                QmpError.generic("Parameter '" + parameter.qapiName() + "' expects 'on' or 'off'")));
            case UINT8 -> SettingNumber.plain(parameter, text, 8);
            case UINT32 -> SettingNumber.plain(parameter, text, 32);
            case UINT64, SIZE, POWER_OF_TWO -> size(parameter, text);
            case STRING, ENUM -> new JsonString(text);
            case STRINGS -> {
                try {
                    yield Migration.texts(SettingText.words(text));
                } catch (SettingText.UnfinishedQuote e) {
                    throw QmpError.generic(e.getMessage());
                }
            }
            case LIST -> throw QmpError.generic("The block-bitmap-mapping parameter can only be set through QMP");
        };
    }

    /** Numbers may have a suffix; the two bandwidths that people set count MiB without one. */
    private static JsonNumber size(MigrationParameter parameter, String text) throws QmpError {
        boolean mebibytes = parameter == MigrationParameter.MAX_BANDWIDTH
                || parameter == MigrationParameter.AVAIL_SWITCHOVER_BANDWIDTH;
        if (!mebibytes) {
            return SettingNumber.withSuffix(parameter, text);
        }
        BigInteger number = SettingText.size(text, 2).orElseThrow(() -> QmpError.generic("Invalid size " + text));
        return new JsonNumber(number, number.doubleValue());
    }

    /** Something of migration that may be refused. */
    private interface Request {
        void make() throws QmpError;
    }

    private void run(Request request) throws HmpError {
        try {
            request.make();
        } catch (QmpError e) {
            throw new HmpError(e.getMessage());
        }
    }
}
