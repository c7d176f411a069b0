package dev.cprkit.it.cprctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.hotplug.Hotplugged;
import dev.cprkit.agent.hotplug.PlugCommand;
import dev.cprkit.agent.hotplug.Qmp;
import dev.cprkit.agent.update.Cancellation;
import dev.cprkit.agent.update.LiveUpdate;
import dev.cprkit.agent.update.UpdateJournal;
import dev.cprkit.agent.update.UpdateRequest;
import dev.cprkit.agent.update.UpdateResult;
import dev.cprkit.agent.update.UpdateStep;
import dev.cprkit.it.vm.Await;
import dev.cprkit.it.vm.VmProcess;
import dev.cprkit.proto.client.QmpClient;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What was plugged into a real QEMU is found in it, and another one of the same command line is made the same. */
@Timeout(120)
class HotplugIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasPluggedInIsPluggedInAgain(boolean newest) throws Exception {
        Path qemu = qemu(newest);
        Path disk = Files.write(folder.resolve("disk"), new byte[65536]);
        try (Vm old = start(qemu, "old");
                Vm next = start(qemu, "next")) {
            old.ask("object-add", "{'qom-type':'rng-random','id':'r1','filename':'/dev/urandom'}");
            old.ask("object-add", "{'qom-type':'memory-backend-memfd','id':'m1','size':2097152,'share':true}");
            old.ask("netdev_add", "{'type':'user','id':'n1'}");
            old.ask(
                    "blockdev-add",
                    "{'driver':'raw','node-name':'d1','read-only':true,'file':{'driver':'file','filename':'" + disk
                            + "'}}");
            old.ask(
                    "device_add",
                    "{'driver':'virtio-rng-pci','id':'rng','bus':'rp1','rng':'r1','max-bytes':1024,'period':1000}");
            old.ask(
                    "device_add",
                    "{'driver':'virtio-net-pci','id':'net','bus':'rp2','netdev':'n1','mac':'52:54:00:11:22:33'}");
            old.ask(
                    "device_add",
                    "{'driver':'virtio-blk-pci','id':'blk','bus':'rp3','drive':'d1','serial':'four','bootindex':2}");
            Hotplugged found = Hotplugged.of(old.qmp(), old.arguments());
            assertThat(found.findings()).isEmpty();
            assertThat(found.commands())
                    .extracting(PlugCommand::subject)
                    .containsExactlyInAnyOrder(
                            "object r1",
                            "object m1",
                            "disk d1",
                            "network n1",
                            "device rng",
                            "device net",
                            "device blk");
            assertThat(Hotplugged.of(next.qmp(), next.arguments()).commands()).isEmpty();
            found.addTo(next.qmp());
            assertThat(Hotplugged.of(next.qmp(), next.arguments()).commands())
                    .containsExactlyInAnyOrderElementsOf(found.commands());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatDoesNotTellHowItWasMadeIsNotGuessed(boolean newest) throws Exception {
        Path qemu = qemu(newest);
        try (Vm old = start(qemu, "old")) {
            old.ask("object-add", "{'qom-type':'secret','id':'s1','data':'hidden'}");
            old.ask("netdev_add", "{'type':'user','id':'n1','hostfwd':[{'str':'tcp:127.0.0.1:0-:22'}]}");
            old.ask("blockdev-add", "{'driver':'null-co','node-name':'d1'}");
            old.ask("device_add", "{'driver':'virtio-rng-pci','bus':'rp1'}");
            Hotplugged found = Hotplugged.of(old.qmp(), old.arguments());
            assertThat(found.findings())
                    .extracting(finding -> finding.subject())
                    .satisfiesExactlyInAnyOrder(
                            subject -> assertThat(subject).isEqualTo("object s1"),
                            subject -> assertThat(subject).isEqualTo("network n1"),
                            subject -> assertThat(subject).isEqualTo("disk d1"),
                            subject -> assertThat(subject).startsWith("device /machine/peripheral-anon/"));
        }
    }

    /** Two updates in a row: what the second finds in the new process is what the first has plugged into it. */
    @ParameterizedTest
    @CsvSource({"false, CPR_TRANSFER", "true, CPR_TRANSFER", "true, CPR_EXEC", "false, CPR_REBOOT", "true, CPR_REBOOT"})
    void aGuestWithAPluggedDeviceIsUpdatedTwice(boolean newest, MigMode mode) throws Exception {
        Path qemu = qemu(newest);
        try (RunningVm vm = RunningVm.start(qemu, folder, "-device", "pcie-root-port,id=rp1,chassis=1")) {
            vm.await("the guest's first count", () -> vm.counter() > 0);
            try (QmpClient client = QmpClient.connect(vm.qmp(), LIMIT)) {
                ask(client, "object-add", "{'qom-type':'rng-builtin','id':'r1'}");
                ask(client, "device_add", "{'driver':'virtio-rng-pci','id':'rng','bus':'rp1','rng':'r1'}");
            }
            for (int i = 0; i < 2; i++) {
                long before = vm.counter();
                UpdateResult result = new LiveUpdate(
                                new UpdateRequest(
                                        vm.qmp(),
                                        Optional.of(qemu),
                                        Duration.ofMinutes(1),
                                        List.of(mode),
                                        Optional.empty(),
                                        Duration.ZERO,
                                        Optional.of(folder.resolve("saved"))),
                                new LinuxHost(),
                                new Silent(),
                                new Cancellation())
                        .run();
                assertThat(result.status())
                        .as(result.message() + result.output())
                        .isEqualTo(ExitStatus.OK);
                if (mode == MigMode.CPR_REBOOT) {
                    vm.follow();
                }
                vm.await("the guest to count on", () -> vm.counter() > before + 1000);
            }
            try (QmpClient client = QmpClient.connect(vm.qmp(), LIMIT)) {
                assertThat(client.execute(
                                        "qom-get",
                                        object("{'path':'/machine/peripheral/rng','property':'type'}"),
                                        LIMIT)
                                .asText())
                        .isEqualTo("virtio-rng-pci");
            }
        }
    }

    private static final class Silent implements UpdateJournal {
        @Override
        public void entered(UpdateStep step) {}

        @Override
        public void found(Finding finding) {}
    }

    private static ObjectNode object(String json) throws Exception {
        return (ObjectNode) JSON.readTree(json.replace('\'', '"'));
    }

    private static void ask(QmpClient client, String command, String arguments) throws Exception {
        var ignored = client.execute(command, object(arguments), LIMIT);
    }

    private static Path qemu(boolean newest) throws Exception {
        Optional<Path> qemu = newest ? QemuUnderTest.newest() : QemuUnderTest.find();
        assumeTrue(qemu.isPresent(), newest ? QemuUnderTest.newestReason() : QemuUnderTest.reason());
        return qemu.get();
    }

    private record Vm(Process process, QmpClient client, List<String> arguments) implements AutoCloseable {
        Qmp qmp() {
            return (command, arguments) -> client.execute(command, arguments, LIMIT);
        }

        void ask(String command, String arguments) throws Exception {
            var ignored = client.execute(command, (ObjectNode) JSON.readTree(arguments.replace('\'', '"')), LIMIT);
        }

        @Override
        public void close() {
            client.close();
            var ignored = process.destroyForcibly().onExit().join();
        }
    }

    private Vm start(Path qemu, String name) throws Exception {
        Path socket = folder.resolve(name + ".qmp");
        List<String> command = new ArrayList<>(
                List.of(qemu.toString(), "-M", "virt", "-m", "32M", "-display", "none", "-nodefaults", "-S", "-qmp"));
        command.add("unix:" + socket + ",server=on,wait=off");
        for (int port = 1; port <= 3; port++) {
            command.addAll(List.of("-device", "pcie-root-port,id=rp" + port + ",chassis=" + port));
        }
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".out").toFile())
                .start();
        try {
            Await.until(LIMIT, () -> "a QMP socket", () -> VmProcess.isListening(socket) || !process.isAlive());
            QmpClient client = QmpClient.open(socket, LIMIT);
            client.negotiate(LIMIT);
            return new Vm(process, client, command);
        } catch (Throwable e) {
            process.destroyForcibly().waitFor();
            throw e;
        }
    }
}
