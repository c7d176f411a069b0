package dev.cprkit.vmm.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpShell;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What keeps a machine from migrating (reference/qemu-cpr.md, sections 1.7, 4.6 and 6.1). */
@Timeout(60)
class MigrationBlockersTest {
    private static final Set<MigMode> ALL = EnumSet.allOf(MigMode.class);
    private static final String RAM = "Memory region mach.ram is not compatible with CPR. share=on is required for"
            + " memory-backend objects, and aux-ram-share=on is required.";

    private TestMachine machine;
    private boolean migrating;
    private MigrationBlockers blockers;

    @BeforeEach
    void boot() throws Exception {
        machine = new TestMachine(new TestMachine.Options(), Optional.empty());
        blockers = new MigrationBlockers(machine, () -> migrating);
    }

    @AfterEach
    void end() {
        machine.close();
    }

    @Test
    void theNewestIsReportedAndAllAreListedOldestFirst() throws Exception {
        MigrationBlockers.Registration first = blockers.add(ALL, "first");
        blockers.add(EnumSet.of(MigMode.CPR_EXEC), "second");
        assertThat(blockers.refusal(MigMode.CPR_EXEC)).isEqualTo("second");
        assertThat(blockers.list(MigMode.CPR_EXEC)).containsExactly("first", "second");
        assertThat(blockers.refusal(MigMode.NORMAL)).isEqualTo("first");
        first.remove();
        first.remove();
        assertThat(blockers.refusal(MigMode.NORMAL)).isEmpty();
    }

    @Test
    void aDeviceWithoutStateBlocksEveryMode() throws Exception {
        MigrationBlockers.Registration one = blockers.addUnmigratable("ivshmem");
        blockers.addUnmigratable("");
        for (MigMode mode : ALL) {
            assertThat(blockers.refusal(mode)).isEqualTo("State blocked by non-migratable device 'ivshmem'");
            assertThat(blockers.list(mode)).contains("non-migratable device: ivshmem", "non-migratable device: ");
        }
        one.remove();
        assertThat(blockers.refusal(MigMode.NORMAL)).isEqualTo("State blocked by non-migratable device ''");
    }

    @Test
    void aMachineThatMustBeMigratableTakesOnlyBlockersOfCpr() throws Exception {
        blockers.onlyMigratable();
        assertThatThrownBy(() -> blockers.addUnmigratable("ivshmem"))
                .isInstanceOf(MigrationBlockers.Refused.class)
                .hasMessage("Device ivshmem is not migratable, but --only-migratable was specified");
        assertThatThrownBy(() -> blockers.add(ALL, "a tap"))
                .hasMessage("disallowing migration blocker (--only-migratable) for: a tap");
        assertThat(blockers.list(MigMode.NORMAL)).isEmpty();
        blockers.add(EnumSet.of(MigMode.CPR_TRANSFER, MigMode.CPR_EXEC), "a container");
        blockers.addInternal(ALL, "a dump");
        assertThat(blockers.list(MigMode.NORMAL)).containsExactly("a dump");
        assertThat(blockers.list(MigMode.CPR_EXEC)).containsExactly("a container", "a dump");
    }

    @Test
    void noneIsAddedWhileAMigrationRuns() throws Exception {
        migrating = true;
        String text = "disallowing migration blocker (migration/snapshot in progress) for: a dump";
        assertThatThrownBy(() -> blockers.add(ALL, "a dump")).hasMessage(text);
        assertThatThrownBy(() -> blockers.addInternal(ALL, "a dump")).hasMessage(text);
        migrating = false;
        machine.start();
        machine.on(() -> {
            machine.setRunState(RunState.SAVE_VM);
            return 0;
        });
        assertThatThrownBy(() -> blockers.add(ALL, "a dump")).hasMessage(text);
    }

    @Test
    void aMigrationThatWaitsForItsNewProcessCounts(@TempDir Path folder) throws Exception {
        int listener = Sockets.listenUnix(folder.resolve("cpr").toString(), 1); // whoever it is, it never answers
        machine.start();
        machine.command(
                "migrate-set-parameters",
                new JsonObject().put("mode", "cpr-transfer").put("cpr-uri", "unix:" + folder.resolve("cpr")));
        machine.command("migrate", new JsonObject().put("uri", "unix:" + folder.resolve("main")));
        assertThat(machine.status()).isEqualTo("setup");
        machine.on(() -> {
            assertThatThrownBy(() -> machine.migration.blockers().add(ALL, "a dump"))
                    .hasMessage("disallowing migration blocker (migration/snapshot in progress) for: a dump");
            return 0;
        });
        assertThat(machine.refusal("migrate-set-capabilities", (JsonObject)
                        JsonText.parse("{\"capabilities\": [{\"capability\": \"return-path\", \"state\": true}]}")))
                .isEqualTo("There's a migration process in progress");
        machine.command("migrate-set-parameters", new JsonObject().put("max-bandwidth", 5)); // parameters may change
        machine.command("migrate_cancel", new JsonObject());
        machine.on(() -> machine.migration.blockers().add(ALL, "a dump"));
        Fds.close(listener);
    }

    @Test
    void allModesAreToldAtOnce() throws Exception {
        machine.privateRam();
        machine.on(() -> machine.migration.blockers().add(EnumSet.of(MigMode.NORMAL), "a tap"));
        HmpRegistry registry = new HmpRegistry();
        BlockerCommands.register(machine.qmp, registry, machine.migration.blockers());
        assertThat(JsonText.write(machine.command("x-query-migration-blockers", new JsonObject())))
                .isEqualTo("[{\"mode\": \"normal\", \"reasons\": [\"a tap\"]}, {\"mode\": \"cpr-reboot\", \"reasons\":"
                        + " []}, {\"mode\": \"cpr-transfer\", \"reasons\": [\"" + RAM
                        + "\"]}, {\"mode\": \"cpr-exec\","
                        + " \"reasons\": [\"" + RAM + "\"]}]");
        assertThat(machine.refusal("x-query-migration-blockers", new JsonObject().put("mode", "normal")))
                .isEqualTo("Parameter 'mode' is unexpected");
        StringBuilder text = new StringBuilder();
        machine.on(() -> {
            new HmpShell(registry).run("info migration_blockers", text::append);
            return 0;
        });
        assertThat(text.toString())
                .isEqualTo(
                        "normal:\n  a tap\ncpr-reboot: none\ncpr-transfer:\n  " + RAM + "\ncpr-exec:\n  " + RAM + "\n");
    }
}
