package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.MigrationStatus;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code cpr-save} and {@code cpr-load} of earlier forms mean today: a migration in mode cpr-reboot with capability
 * x-ignore-shared to or from a file, with both settings as they were before when it is over. Main loop's thread.
 */
final class EarlierUpdate {
    private static final String MAGIC = "QEVM";

    /** Is told when it is over: why it failed, or nothing. */
    @FunctionalInterface
    interface End {
        void ended(String error);
    }

    private final Migration migration;

    EarlierUpdate(Migration migration) {
        this.migration = migration;
    }

    /** The error of {@code cpr-exec}, which went on where a cpr-save that there is no more had left off. */
    static QmpError exec() {
        return QmpError.generic("cpr-exec requires cpr-save with restart mode, which there is no more; set parameters"
                + " mode=cpr-exec and cpr-exec-command, and use migrate file:PATH");
    }

    private static void checkMode(String mode) throws QmpError {
        switch (mode) {
            case "reboot" -> {}
            case "restart" ->
                throw QmpError.generic("there is no mode restart any more; set parameters mode=cpr-exec and"
                        + " cpr-exec-command, and use migrate file:PATH");
            default -> throw QmpError.generic("Parameter 'mode' does not accept value '" + mode + "'");
        }
    }

    /** Stops the guest and saves it to the file. */
    void save(String file, String mode, End end) throws QmpError {
        checkMode(mode);
        migration.checkIdle();
        Settings settings = Settings.change(migration);
        try {
            migration.migrate(new Channels(new MigrationAddress.File(file, 0), Optional.empty()), false);
        } catch (QmpError e) {
            settings.restore();
            throw e;
        }
        follow(migration.progress(), settings, end);
    }

    /** Loads the guest from the file, and lets it go on if it ran. */
    void load(String file, String mode, End end) throws QmpError {
        checkMode(mode);
        VirtualMachine machine = migration.machine();
        if (machine.runState() == RunState.PRELAUNCH) {
            throw QmpError.generic("cpr-load needs a process that was started with -incoming defer: this one has put"
                    + " what it boots from into guest memory already");
        }
        if (machine.runState() != RunState.INMIGRATE) {
            throw QmpError.generic("cpr-load called for a running VM");
        }
        checkFile(file);
        Settings settings = Settings.change(migration);
        try {
            migration.startIncoming(new MigrationAddress.File(file, 0), false);
            machine.resume(); // a guest that ran goes on, also after -S
        } catch (QmpError e) {
            settings.restore();
            throw e;
        } catch (VirtualMachine.CannotResume e) {
            settings.restore();
            throw QmpError.generic(e.getMessage());
        }
        follow(migration.incoming().progress(), settings, end);
    }

    private static void checkFile(String file) throws QmpError {
        try {
            Path path = Path.of(file);
            if (Files.isRegularFile(path)) {
                try (InputStream in = Files.newInputStream(path)) {
                    if (new String(in.readNBytes(MAGIC.length()), StandardCharsets.ISO_8859_1).equals(MAGIC)) {
                        return;
                    }
                }
            } else if (!Files.exists(path)) {
                throw QmpError.generic("Could not open '" + file + "': No such file or directory");
            }
        } catch (IOException | InvalidPathException e) {
            throw QmpError.generic("Could not open '" + file + "': " + e.getMessage());
        }
        throw QmpError.generic(file + " is not a vmstate file");
    }

    /** Tells the end on a turn of the loop of its own: the run state is what it will be by then. */
    private void follow(MigrationProgress progress, Settings settings, End end) {
        progress.whenEnded(() -> migration.machine().loop().post(() -> {
            settings.restore();
            boolean good = progress.status() == MigrationStatus.COMPLETED;
            String error = progress.error().isEmpty()
                    ? "the migration is " + progress.status().qapiName()
                    : progress.error();
            end.ended(good ? "" : error);
        }));
    }

    /** Mode and capability, as they were. */
    private record Settings(Migration migration, JsonValue mode, boolean ignoreShared) {
        static Settings change(Migration migration) throws QmpError {
            MigrationParameters parameters = migration.parameters();
            MigrationCapabilities capabilities = migration.capabilities();
            Settings before = new Settings(
                    migration,
                    parameters.get(MigrationParameter.MODE).orElseThrow(),
                    capabilities.has(MigrationCapability.X_IGNORE_SHARED));
            capabilities.set(MigrationCapability.X_IGNORE_SHARED, true);
            parameters.set(MigrationParameter.MODE, new JsonString(MigMode.CPR_REBOOT.qapiName()));
            return before;
        }

        void restore() {
            migration.parameters().preset(MigrationParameter.MODE, mode);
            migration.capabilities().preset(MigrationCapability.X_IGNORE_SHARED, ignoreShared);
        }
    }
}
