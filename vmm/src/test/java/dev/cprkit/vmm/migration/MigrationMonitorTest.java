package dev.cprkit.vmm.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpShell;
import java.util.EnumSet;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The monitors' view of migration. */
@Timeout(60)
class MigrationMonitorTest {
    private TestMachine machine;
    private HmpShell shell;

    @BeforeEach
    void boot() throws Exception {
        machine = new TestMachine(new TestMachine.Options(), Optional.empty());
        HmpRegistry registry = new HmpRegistry();
        MigrationHmp.register(registry, machine.migration, machine.loop().hostClock());
        shell = new HmpShell(registry);
    }

    @AfterEach
    void end() throws Exception {
        machine.close();
    }

    private String hmp(String line) throws Exception {
        StringBuilder text = new StringBuilder();
        machine.on(() -> {
            shell.run(line, text::append);
            return 0;
        });
        return text.toString();
    }

    @Test
    void parametersAndCapabilitiesAreSetByHand() throws Exception {
        assertThat(hmp("migrate_set_parameter mode cpr-transfer")).isEmpty();
        assertThat(hmp("migrate_set_parameter max-bandwidth 32")).isEmpty();
        assertThat(hmp("migrate_set_parameter cpr-exec-command vmm -name 'a b'"))
                .isEmpty();
        assertThat(hmp("migrate_set_capability return-path on")).isEmpty();
        assertThat(hmp("info migrate_parameters"))
                .contains("mode: cpr-transfer\n")
                .contains("max-bandwidth: 33554432 bytes/second\n")
                .contains("cpr-exec-command: vmm -name a b\n");
        assertThat(hmp("info migrate_capabilities"))
                .startsWith("xbzrle: off\nrdma-pin-all: off\nauto-converge: off\nevents: on\n")
                .contains("return-path: on\n")
                .endsWith("mapped-ram: off\n");
        assertThat(hmp("migrate_set_parameter nosuch 1")).isEqualTo("Error: invalid parameter value: nosuch\n");
        assertThat(hmp("migrate_set_parameter max-bandwidth x")).isEqualTo("Error: Invalid size x\n");
        assertThat(hmp("migrate_set_parameter block-bitmap-mapping x"))
                .isEqualTo("Error: The block-bitmap-mapping parameter can only be set through QMP\n");
        assertThat(hmp("migrate_set_capability nosuch on")).isEqualTo("Error: invalid parameter value: nosuch\n");
        assertThat(hmp("migrate_set_parameter mode")).contains("Try \"help migrate_set_parameter\"");
    }

    @Test
    void migrateByHandCannotNameACprChannel() throws Exception {
        assertThat(hmp("migrate_set_parameter mode cpr-transfer")).isEmpty();
        assertThat(hmp("migrate -d unix:/x")).isEqualTo("Error: missing 'cpr' migration channel\n");
        assertThat(hmp("migrate")).contains("Try \"help migrate\"");
        assertThat(hmp("migrate_cancel")).isEmpty();
        assertThat(hmp("migrate_continue device")).isEqualTo("Error: Migration not in expected state: none\n");
    }

    @Test
    void infoMigrateIsEmptyUntilThereIsSomething() throws Exception {
        assertThat(hmp("info migrate")).isEmpty();
        assertThat(hmp("info migrate -a"))
                .isEqualTo("Globals:\n  store-global-state: on\n  only-migratable: off\n"
                        + "  send-configuration: on\n  send-section-footer: on\n  send-switchover-start: on\n"
                        + "  clear-bitmap-shift: 18\n");
        machine.mode("cpr-transfer");
        assertThat(machine.refusal(
                        "migrate",
                        new JsonObject()
                                .put(
                                        "channels",
                                        new JsonArray()
                                                .add(socket("main", "/nosuch/main"))
                                                .add(socket("cpr", "/nosuch/cpr")))))
                .isEqualTo("Failed to connect to '/nosuch/cpr': No such file or directory");
        assertThat(hmp("info migrate"))
                .isEqualTo("Status: \t\tfailed (Failed to connect to '/nosuch/cpr': No such file or directory)\n");
    }

    private static JsonObject socket(String type, String path) {
        return new JsonObject()
                .put("channel-type", type)
                .put(
                        "addr",
                        new JsonObject()
                                .put("transport", "socket")
                                .put("type", "unix")
                                .put("path", path));
    }

    @Test
    void blockersCountInTheirModes() throws Exception {
        machine.on(() -> {
            machine.migration
                    .blockers()
                    .add(EnumSet.of(dev.cprkit.proto.qapi.MigMode.CPR_TRANSFER), "a dump is running");
            return 0;
        });
        assertThat(machine.command("query-migrate", new JsonObject())).isEqualTo(new JsonObject());
        machine.mode("cpr-transfer");
        assertThat(machine.command("query-migrate", new JsonObject()))
                .isEqualTo(new JsonObject()
                        .put("blocked-reasons", new JsonArray().add(new JsonString("a dump is running"))));
        assertThat(machine.refusal(
                        "migrate",
                        new JsonObject()
                                .put(
                                        "channels",
                                        new JsonArray()
                                                .add(socket("main", "/m"))
                                                .add(socket("cpr", "/c")))))
                .isEqualTo("a dump is running");
        assertThat(hmp("info migrate")).isEqualTo("Outgoing migration blocked:\n  a dump is running\n");
    }

    @Test
    void privateRamBlocksTransferAndExec() throws Exception {
        machine.privateRam();
        String text = "Memory region mach.ram is not compatible with CPR. share=on is required for memory-backend"
                + " objects, and aux-ram-share=on is required.";
        for (String mode : new String[] {"cpr-transfer", "cpr-exec"}) {
            machine.mode(mode);
            assertThat(hmp("info migrate")).isEqualTo("Outgoing migration blocked:\n  " + text + "\n");
        }
        machine.mode("cpr-reboot");
        assertThat(hmp("info migrate")).isEmpty();
    }

    @Test
    void capabilitiesAreListedInOrderAndSetTogether() throws Exception {
        JsonArray list = (JsonArray) machine.command("query-migrate-capabilities", new JsonObject());
        assertThat(list.values()).hasSize(21);
        JsonObject bad = new JsonObject()
                .put(
                        "capabilities",
                        new JsonArray()
                                .add(new JsonObject()
                                        .put("capability", "nosuch")
                                        .put("state", true)));
        assertThat(machine.refusal("migrate-set-capabilities", bad))
                .isEqualTo("Parameter 'capability' does not accept value 'nosuch'");
        assertThat(machine.refusal("migrate-pause", new JsonObject()))
                .startsWith("migrate-pause is currently only supported");
    }
}
