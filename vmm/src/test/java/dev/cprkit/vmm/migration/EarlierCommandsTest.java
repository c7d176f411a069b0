package dev.cprkit.vmm.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpShell;
import dev.cprkit.vmm.monitor.qmp.QmpArguments;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import dev.cprkit.vmm.monitor.qmp.QmpSlowCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands of earlier forms of live update (reference/qemu-cpr.md, section 1.8). */
@Timeout(60)
class EarlierCommandsTest {
    @TempDir
    private Path folder;

    private final List<TestMachine> machines = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();
    private HmpShell shell;

    private TestMachine machine(boolean incoming) throws Exception {
        TestMachine.Options options = new TestMachine.Options();
        options.incoming = incoming;
        TestMachine machine = new TestMachine(options, Optional.empty());
        machines.add(machine);
        HmpRegistry registry = new HmpRegistry();
        EarlierCommands.register(machine.qmp, registry, machine.migration, complaints::add);
        shell = new HmpShell(registry);
        return machine;
    }

    @AfterEach
    void end() {
        machines.forEach(TestMachine::close);
    }

    /** The error of a command, or OK. */
    private static String run(TestMachine machine, String command, JsonObject arguments) throws Exception {
        CompletableFuture<String> result = new CompletableFuture<>();
        machine.on(() -> {
            QmpSlowCommand.Reply reply = new QmpSlowCommand.Reply() {
                @Override
                public void done(JsonValue value) {
                    result.complete("OK");
                }

                @Override
                public void failed(QmpError error) {
                    result.complete(error.getMessage());
                }
            };
            try {
                machine.qmp.findSlow(command).orElseThrow().begin(new QmpArguments(arguments), reply);
            } catch (QmpError e) {
                result.complete(e.getMessage());
            }
            return 0;
        });
        return result.get(20, TimeUnit.SECONDS);
    }

    private static JsonObject file(Path file) {
        return new JsonObject().put("filename", file.toString());
    }

    private String hmp(TestMachine machine, String line) throws Exception {
        StringBuilder text = new StringBuilder();
        machine.on(() -> {
            shell.run(line, text::append);
            return 0;
        });
        return text.toString();
    }

    @Test
    void aGuestIsSavedToAFileAndLoadedFromIt() throws Exception {
        TestMachine source = machine(false);
        source.counter = 41;
        source.start();
        source.awaitProgress();
        Path file = folder.resolve("state");
        assertThat(run(source, "cpr-save", file(file).put("mode", "reboot"))).isEqualTo("OK");
        assertThat(source.runState()).isEqualTo(RunState.POSTMIGRATE);
        assertThat(file).isRegularFile();
        assertThat(source.config.parameters().mode()).isEqualTo(MigMode.NORMAL);
        assertThat(source.config.capabilities().has(MigrationCapability.X_IGNORE_SHARED))
                .isFalse();
        assertThat(run(source, "cpr-load", file(file))).isEqualTo("cpr-load called for a running VM");

        TestMachine target = machine(true);
        target.on(() -> {
            target.stop(RunState.PAUSED); // as -S does: cpr-load lets the guest go on
            return 0;
        });
        assertThat(run(target, "cpr-load", file(file))).isEqualTo("OK");
        assertThat(target.runState()).isEqualTo(RunState.RUNNING);
        assertThat(target.counter).isEqualTo(41);
        assertThat(target.ramCounter()).isGreaterThanOrEqualTo(source.ramCounter());
        target.awaitProgress();
        assertThat(target.config.parameters().mode()).isEqualTo(MigMode.NORMAL);
    }

    @Test
    void aGuestThatCannotBeSavedRunsOn() throws Exception {
        TestMachine source = machine(false);
        source.start();
        assertThat(run(source, "cpr-save", file(Path.of("/nosuch/state")).put("mode", "reboot")))
                .startsWith("Could not create '/nosuch/state");
        source.awaitProgress();
        assertThat(source.config.parameters().mode()).isEqualTo(MigMode.NORMAL);
        assertThat(source.config.capabilities().has(MigrationCapability.X_IGNORE_SHARED))
                .isFalse();
        assertThat(hmp(source, "cpr-save /nosuch/state reboot")).contains("Error: Could not create '/nosuch/state");
    }

    @Test
    void aStateFileThatEndsEarlyIsAnError() throws Exception {
        TestMachine target = machine(true);
        Path file = Files.writeString(folder.resolve("f"), "QEVM");
        assertThat(run(target, "cpr-load", file(file))).startsWith("load of migration failed");
        assertThat(target.runState()).isEqualTo(RunState.INMIGRATE);
        assertThat(target.fatal).isEmpty();
    }

    @Test
    void mistakesAreNamed() throws Exception {
        TestMachine machine = machine(false);
        machine.start();
        Path file = folder.resolve("f");
        assertThat(run(machine, "cpr-save", new JsonObject())).isEqualTo("Parameter 'filename' is missing");
        assertThat(run(machine, "cpr-save", file(file))).isEqualTo("Parameter 'mode' is missing");
        assertThat(run(machine, "cpr-save", file(file).put("mode", "x")))
                .isEqualTo("Parameter 'mode' does not accept value 'x'");
        assertThat(run(machine, "cpr-save", file(file).put("mode", "none")))
                .isEqualTo("Parameter 'mode' does not accept value 'none'");
        assertThat(run(machine, "cpr-save", file(file).put("mode", "restart")))
                .isEqualTo("there is no mode restart any more; set parameters mode=cpr-exec and cpr-exec-command, and"
                        + " use migrate file:PATH");
        assertThat(run(machine, "cpr-load", file(file))).isEqualTo("cpr-load called for a running VM");
        assertThat(machine.refusal("cpr-exec", new JsonObject().put("argv", new JsonArray().add(new JsonString("x")))))
                .startsWith("cpr-exec requires cpr-save with restart mode");
        assertThat(machine.refusal("cpr-exec", new JsonObject())).isEqualTo("Parameter 'argv' is missing");
        assertThat(machine.config.parameters().mode().qapiName()).isEqualTo("normal");
        machine.awaitProgress();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void whatIsLoadedMustBeAStateFile() throws Exception {
        TestMachine target = machine(true);
        Path file = Files.writeString(folder.resolve("f"), "QEV");
        assertThat(run(target, "cpr-load", file(file))).isEqualTo(file + " is not a vmstate file");
        assertThat(run(target, "cpr-load", file(folder))).isEqualTo(folder + " is not a vmstate file");
        Path missing = folder.resolve("missing");
        assertThat(run(target, "cpr-load", file(missing)))
                .isEqualTo("Could not open '" + missing + "': No such file or directory");
        assertThat(target.status()).isEmpty();
        assertThat(hmp(target, "cpr-load " + file)).contains("Error: " + file + " is not a vmstate file");
    }

    @Test
    void aProcessThatHasBootedCannotLoad() throws Exception {
        assertThat(run(machine(false), "cpr-load", file(folder.resolve("f"))))
                .isEqualTo("cpr-load needs a process that was started with -incoming defer: this one has put what it"
                        + " boots from into guest memory already");
    }

    @Test
    void eachSaysOnceWhatReplacesIt() throws Exception {
        TestMachine machine = machine(false);
        for (int i = 0; i < 2; i++) {
            run(machine, "cpr-save", file(folder.resolve("f")).put("mode", "restart"));
            run(machine, "cpr-load", file(folder.resolve("f")));
            machine.command("migrate-set-parameters", new JsonObject().put("cpr-uri", "unix:/x"));
        }
        assertThat(complaints)
                .containsExactly(
                        "warning: cpr-save is an earlier form: use mode cpr-reboot with x-ignore-shared, and migrate"
                                + " file:PATH",
                        "warning: cpr-load is an earlier form: use -incoming defer with x-ignore-shared, and"
                                + " migrate-incoming file:PATH",
                        "warning: cpr-uri is an earlier form: use a channel of type cpr in migrate's channels");
        assertThat(machine.refusal("migrate-set-parameters", new JsonObject().put("cpr-uri", "tcp:h:1")))
                .isEqualTo("bad cpr-uri tcp:h:1; must be unix:");
    }

    @Test
    void byHandTheFileAndTheModeMustBeGiven() throws Exception {
        TestMachine machine = machine(false);
        assertThat(hmp(machine, "cpr-save f")).startsWith("cpr-save: string expected");
        assertThat(hmp(machine, "cpr-save f restart"))
                .contains("warning: cpr-save is an earlier form")
                .contains("Error: there is no mode restart any more");
        assertThat(hmp(machine, "cpr-load f x y")).startsWith("cpr-load: string expected");
        assertThat(hmp(machine, "cpr-exec vmm")).startsWith("Error: cpr-exec requires cpr-save with restart mode");
    }
}
