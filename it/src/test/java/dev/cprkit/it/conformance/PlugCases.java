package dev.cprkit.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.it.vm.VmProcess;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Devices that only one of the two processes has been told of at its start, and those that neither may have. */
interface PlugCases extends Cases {
    String BOARDS_BUS = "{'driver':'virtio-rng-device','bus':'virtio-mmio-bus.0'}";
    String PATH = "0000:00:01.0:00.0/virtio-rng";

    @Test
    @Case(18)
    default void whatWasPluggedInIsPluggedIntoTheDeferredProcess() throws Exception {
        Trial trial = trial();
        List<String> machine = withPorts(trial);
        VmProcess old = trial.start("old", machine);
        trial.guest().awaitCount(1);
        takesNoPlugIntoItsBoard(old);
        boolean plugs = !Difference.NO_BUS_FOR_A_PLUG.isMeant(trial.subject());
        if (plugs) {
            plug(old, "hole");
        }
        VmProcess next = trial.target("new", machine, "defer");
        trial.migrate(old);
        takesNoPlugIntoItsBoard(next);
        if (plugs) {
            assertThat(old.refused("device_add", random("pit"))).isEqualTo("device_add not allowed while migrating");
            plug(next, "hole");
        }
        next.execute("migrate-incoming", Trial.mainOnly(trial.mainPath()));
        next.awaitStatus("running");
        old.awaitStatus("postmigrate");
        trial.assertRuns(next);
        if (plugs) {
            assertThat(next.execute("qom-get", "{'path':'/machine/peripheral/plugged','property':'type'}")
                            .asText())
                    .isEqualTo("virtio-rng-pci");
        }
    }

    @Test
    @Case(18)
    default void whatWasPluggedInIsMissedInAProcessThatHasItElsewhereOrNotAtAll() throws Exception {
        Trial trial = trial();
        if (Difference.NO_BUS_FOR_A_PLUG.isMeant(trial.subject())) {
            return; // below, of a device that was there from the start
        }
        VmProcess old = trial.start("old", withPorts(trial));
        trial.guest().awaitCount(1);
        plug(old, "hole");
        VmProcess without = trial.target("new", withPorts(trial), "defer");
        trial.migrate(old);
        without.execute("migrate-incoming", Trial.mainOnly(trial.mainPath()));
        trial.assertEnds(without, unknown(trial, PATH));
        old.kill();

        VmProcess again = trial.start("again", withPorts(trial));
        plug(again, "hole");
        VmProcess elsewhere = trial.target("elsewhere", withPorts(trial), "defer");
        trial.migrate(again);
        plug(elsewhere, "pit");
        elsewhere.execute("migrate-incoming", Trial.mainOnly(trial.mainPath()));
        trial.assertEnds(elsewhere, unknown(trial, PATH));
    }

    @Test
    @Case(18)
    default void aDeviceThatTheNewProcessLacksIsMissed() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source("-device", "virtio-rng-device,bus=virtio-mmio-bus.0");
        trial.guest().awaitCount(1);
        VmProcess next = trial.target("new", trial.machine(), "defer");
        trial.migrate(old);
        String missing = unknown(trial, "virtio-mmio@0000000010001000/virtio-rng");
        if (Difference.MISSING_DEVICE.isMeant(trial.subject())) {
            trial.assertEnds(next, missing);
            old.awaitMigration("failed");
            assertThat(Trial.reason(old)).isNotEmpty();
            trial.assertRuns(old);
            VmProcess same = trial.target(
                    "same", trial.machine(), "defer", "-device", "virtio-rng-device,bus=virtio-mmio-bus.0");
            trial.migrate(old);
            same.execute("migrate-incoming", Trial.mainOnly(trial.mainPath()));
            same.awaitStatus("running");
            trial.assertRuns(same);
        } else {
            next.execute("migrate-incoming", Trial.mainOnly(trial.mainPath()));
            trial.assertEnds(next, missing);
            assertThat(old.status()).isEqualTo("postmigrate");
        }
    }

    @Test
    @Case(27)
    default void aDeviceThatCannotMigrateIsRefusedAtOnce() throws Exception {
        Trial trial = trial();
        if (Difference.NO_UNMIGRATABLE_DEVICE.isMeant(trial.subject())) {
            List<String> all = List.of(
                    "-device", "virtio-rng-device,bus=virtio-mmio-bus.0", "-device", "cmsdk-apb-watchdog,id=dog");
            List<String> options = new ArrayList<>(all);
            options.add("-only-migratable");
            VmProcess vm = trial.source(options.toArray(String[]::new));
            assertThat(vm.execute("device-list-properties", "{'typename':'virtio-rng-device'}"))
                    .isNotEmpty();
            assertThat(vm.refused("device_add", "{'driver':'ufs'}"))
                    .isEqualTo("'ufs' is not a valid device model name");
            trial.assertRuns(vm);
            return;
        }
        VmProcess vm = trial.source("-only-migratable", "-device", "pcie-root-port,id=hole");
        String text = "Device ufs is not migratable, but --only-migratable was specified";
        assertThat(vm.refused("device_add", "{'driver':'ufs','bus':'hole'}")).isEqualTo(text);
        trial.assertRuns(vm);
        List<String> options = trial.machine();
        options.addAll(List.of("-only-migratable", "-device", "ufs"));
        trial.assertEnds(trial.start("new", options), text);
    }

    @Test
    @Case(27)
    default void whatOnlyAnUpdateLosesIsNoReasonNotToStart() throws Exception {
        Trial trial = trial();
        List<String> options = trial.privateMachine();
        options.add("-only-migratable");
        VmProcess vm = trial.start("old", options);
        trial.guest().awaitCount(1);
        assertThat(vm.execute("query-migrate").has("blocked-reasons")).isFalse();
        trial.setMode(vm, "cpr-transfer");
        assertThat(vm.execute("query-migrate").path("blocked-reasons")).hasSize(1);
        trial.assertRuns(vm);
    }

    /** The machine, on QEMU with two ports for devices that come later. */
    private static List<String> withPorts(Trial trial) {
        List<String> options = trial.machine();
        if (!Difference.NO_BUS_FOR_A_PLUG.isMeant(trial.subject())) {
            options.addAll(List.of("-device", "pcie-root-port,id=hole,chassis=1,slot=1,addr=1"));
            options.addAll(List.of("-device", "pcie-root-port,id=pit,chassis=2,slot=2,addr=2"));
        }
        return options;
    }

    private static void plug(VmProcess vm, String port) throws Exception {
        vm.execute("device_add", random(port));
    }

    private static String random(String port) {
        return "{'driver':'virtio-rng-pci','bus':'" + port + "','id':'plugged'}";
    }

    private static void takesNoPlugIntoItsBoard(VmProcess vm) throws Exception {
        assertThat(vm.refused("device_add", BOARDS_BUS))
                .isEqualTo("Bus 'virtio-mmio-bus.0' does not support hotplugging");
    }

    private static String unknown(Trial trial, String path) {
        return trial.subject().since11("Unknown savevm section or instance '", "Unknown section or instance '") + path
                + "' 0. Make sure that your current VM setup matches your saved VM setup, including any hotplugged"
                + " devices";
    }
}
