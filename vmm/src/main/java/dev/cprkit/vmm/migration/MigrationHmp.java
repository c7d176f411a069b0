package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.qapi.MigrationStatus;
import dev.cprkit.vmm.migration.MigrationParameter.Kind;
import dev.cprkit.vmm.monitor.hmp.HmpCommand;
import dev.cprkit.vmm.monitor.hmp.HmpError;
import dev.cprkit.vmm.monitor.hmp.HmpOutput;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpUsageException;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import dev.cprkit.vmm.run.Clock;
import java.math.BigInteger;
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
        registry.add(new HmpCommand(
                "migrate", "[-d] [-r] uri", "migrate to URI (using -d to not wait for completion)", commands::migrate));
        registry.add(new HmpCommand(
                "migrate_incoming",
                "uri",
                "Continue an incoming migration from an -incoming defer",
                commands::migrateIncoming));
        registry.add(new HmpCommand(
                "migrate_cancel", "", "cancel the current VM migration", (out, rest) -> migration.cancel()));
        registry.add(new HmpCommand(
                "migrate_continue", "state", "Continue migration from the given paused state", commands::proceed));
        registry.add(new HmpCommand(
                "migrate_set_parameter",
                "parameter value",
                "Set the parameter for migration",
                (out, rest) -> commands.setParameter(rest)));
        registry.add(new HmpCommand(
                "migrate_set_capability",
                "capability state",
                "Enable/Disable the usage of a capability for migration",
                (out, rest) -> commands.setCapability(rest)));
        registry.addInfo(new HmpCommand(
                "migrate",
                "[-a]",
                "show migration status",
                (out, rest) -> MigrationText.info(migration, rest.equals("-a"), out)));
        registry.addInfo(new HmpCommand(
                "migrate_parameters",
                "",
                "show current migration parameters",
                (out, rest) -> MigrationText.parameters(migration.parameters(), out)));
        registry.addInfo(new HmpCommand(
                "migrate_capabilities",
                "",
                "show current migration capabilities",
                (out, rest) -> MigrationText.capabilities(migration.capabilities(), out)));
    }

    private void migrate(HmpOutput out, String rest) throws HmpError, HmpUsageException {
        boolean detach = false;
        boolean resume = false;
        String uri = rest;
        while (uri.startsWith("-")) {
            int space = uri.indexOf(' ');
            String flag = space < 0 ? uri : uri.substring(0, space);
            switch (flag) {
                case "-d" -> detach = true;
                case "-r" -> resume = true;
                default -> throw new HmpUsageException("migrate: unsupported option " + flag);
            }
            uri = space < 0 ? "" : uri.substring(space + 1).strip();
        }
        if (uri.isEmpty()) {
            throw new HmpUsageException("migrate: string expected");
        }
        try {
            migration.migrate(new Channels(Channels.parse(uri), Optional.empty()), resume);
        } catch (QmpError e) {
            throw new HmpError(e.getMessage());
        }
        if (!detach) {
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

    private void migrateIncoming(HmpOutput out, String uri) throws HmpError, HmpUsageException {
        if (uri.isEmpty()) {
            throw new HmpUsageException("migrate_incoming: string expected");
        }
        try {
            migration.startIncoming(Channels.parse(uri), false);
        } catch (QmpError e) {
            throw new HmpError(e.getMessage());
        }
    }

    private void proceed(HmpOutput out, String state) throws HmpError {
        try {
            migration.proceed(
                    MigrationStatus.of(state).orElseThrow(() -> QmpError.generic("invalid parameter value: " + state)));
        } catch (QmpError e) {
            throw new HmpError(e.getMessage());
        }
    }

    private void setCapability(String rest) throws HmpError, HmpUsageException {
        String[] words = twoWords("migrate_set_capability", rest);
        try {
            MigrationCapability capability = MigrationCapability.of(words[0])
                    .orElseThrow(() -> QmpError.generic("invalid parameter value: " + words[0]));
            boolean on = SettingText.flag(words[1])
                    .orElseThrow(() -> QmpError.generic("Parameter 'state' expects 'on' or 'off'"));
            migration.checkIdle();
            migration.capabilities().set(capability, on);
        } catch (QmpError e) {
            throw new HmpError(e.getMessage());
        }
    }

    private void setParameter(String rest) throws HmpError, HmpUsageException {
        String[] words = twoWords("migrate_set_parameter", rest);
        try {
            MigrationParameter parameter = MigrationParameter.of(words[0])
                    .orElseThrow(() -> QmpError.generic("invalid parameter value: " + words[0]));
            migration.parameters().set(parameter, parse(parameter, words[1]));
        } catch (QmpError e) {
            throw new HmpError(e.getMessage());
        }
    }

    private static JsonValue parse(MigrationParameter parameter, String text) throws QmpError {
        Kind kind = parameter.kind();
        return switch (kind) {
            case BOOL ->
                new JsonBool(SettingText.flag(text)
                        .orElseThrow(() ->
                                QmpError.generic("Parameter '" + parameter.qapiName() + "' expects 'on' or 'off'")));
            case UINT8, UINT32, UINT64, SIZE, POWER_OF_TWO -> number(parameter, text);
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

    /** Sizes in bytes, but the two bandwidths in MiB, as QEMU has it. */
    private static JsonNumber number(MigrationParameter parameter, String text) throws QmpError {
        boolean mebibytes = parameter == MigrationParameter.MAX_BANDWIDTH
                || parameter == MigrationParameter.AVAIL_SWITCHOVER_BANDWIDTH;
        BigInteger number = SettingText.size(text, mebibytes ? 2 : 0)
                .orElseThrow(() -> QmpError.generic(
                        mebibytes
                                ? "Invalid size " + text
                                : "Parameter '" + parameter.qapiName() + "' expects a number"));
        return new JsonNumber(number, number.doubleValue());
    }

    private static String[] twoWords(String command, String rest) throws HmpUsageException {
        int space = rest.indexOf(' ');
        if (space < 0) {
            throw new HmpUsageException(command + ": string expected");
        }
        return new String[] {rest.substring(0, space), rest.substring(space + 1).strip()};
    }
}
