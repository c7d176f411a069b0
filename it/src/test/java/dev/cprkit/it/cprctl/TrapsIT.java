package dev.cprkit.it.cprctl;

import static dev.cprkit.proto.qapi.MigMode.CPR_EXEC;
import static dev.cprkit.proto.qapi.MigMode.CPR_REBOOT;
import static dev.cprkit.proto.qapi.MigMode.CPR_TRANSFER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.agent.check.ChannelChecks;
import dev.cprkit.agent.check.CheckReport;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.Weight;
import dev.cprkit.it.vm.Await;
import dev.cprkit.it.vm.BareGuest;
import dev.cprkit.proto.qapi.MigrationUri;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each trap on a real QEMU: first what happens to somebody who updates by hand, then what the checks say of the same VM.
 *
 * <p>What cannot be had here is shown by its nearest. The riscv64 machine {@code virt} has no versions, so instead of an
 * alias that means a newer machine there is the same machine in two releases. Of the run states there are {@code debug} and
 * {@code guest-panicked}, which are brought about without a guest's help. Of what keeps a second process from starting there
 * is no shortage of memory, which would be the whole host's; root may lock any amount, so there is no limit on locked memory;
 * and nothing is mounted noexec.
 */
@Timeout(120)
class TrapsIT {
    private static final String PROGRAM = "0x00000297 0x0402b303";
    /** Ticks that the bare guest sleeps from line to line, and the registers of the machine's timer (ACLINT, hart 0). */
    private static final long BETWEEN_LINES = 2_000_000;

    private static final long MTIMECMP = 0x2004000;
    private static final long MTIME = 0x200bff8;

    private static final String NOTHING = "0x00000000 0x00000000";

    @TempDir
    private Path folder;

    static Stream<Optional<Path>> qemus() throws Exception {
        return Stream.of(QemuUnderTest.find(), QemuUnderTest.newest());
    }

    private static Path there(Optional<Path> qemu) {
        assumeTrue(qemu.isPresent(), QemuUnderTest.reason());
        return qemu.get();
    }

    private static Path newest() {
        assumeTrue(QemuUnderTest.newest().isPresent(), QemuUnderTest.newestReason());
        return QemuUnderTest.newest().get();
    }

    private List<String> with(String... options) {
        List<String> all = new ArrayList<>(ByHand.SHARED);
        all.addAll(List.of(options));
        return all;
    }

    private Path disk() throws Exception {
        Path disk = folder.resolve("disk.raw");
        Files.write(disk, new byte[1 << 20]);
        return disk;
    }

    private static String[] drive(Path disk) {
        return new String[] {
            "-drive", "file=" + disk + ",format=raw,if=none,id=d0", "-device", "virtio-blk-device,drive=d0"
        };
    }

    @Test
    void execLosesPrivateMemoryWithoutAWord() throws Exception {
        try (ByHand vm = ByHand.startWith(newest(), folder, "vm", List.of())) {
            assertThat(vm.memory()).isEqualTo(PROGRAM);
            assertThat(vm.codes(CPR_EXEC)).contains("memory-not-shared", "aux-ram-not-shared");

            vm.mode("cpr-exec");
            assertThat(vm.execute("query-migrate", "{}").has("blocked-reasons")).isFalse();
            vm.execItself();
            vm.awaitFreshProgram();
            vm.awaitRunState("running");
            assertThat(vm.memory()).isEqualTo(NOTHING); // and the guest "runs"
        }
    }

    /** Also: nothing that the check does to the VM lasts. */
    @ParameterizedTest
    @MethodSource("qemus")
    void blockersAreToldForTheModeThatIsSetOnly(Optional<Path> qemu) throws Exception {
        try (ByHand vm = ByHand.startWith(there(qemu), folder, "vm", List.of())) {
            JsonNode parameters = vm.execute("query-migrate-parameters", "{}");
            JsonNode capabilities = vm.execute("query-migrate-capabilities", "{}");
            JsonNode normal = vm.execute("query-migrate", "{}");
            assertThat(normal.has("blocked-reasons")).isFalse();
            CheckReport report = vm.check(Optional.empty());
            assertThat(ByHand.codes(report, CPR_TRANSFER)).contains("blocked");
            assertThat(ByHand.codes(report, CPR_REBOOT)).doesNotContain("blocked", "memory-not-shared");
            assertThat(report.auto()).contains(CPR_REBOOT);

            assertThat(vm.execute("query-migrate-parameters", "{}")).isEqualTo(parameters);
            assertThat(vm.execute("query-migrate-capabilities", "{}")).isEqualTo(capabilities);
            assertThat(vm.execute("query-migrate", "{}")).isEqualTo(normal);
            assertThat(vm.runState()).isEqualTo("running");
            vm.mode("cpr-transfer");
            assertThat(vm.execute("query-migrate", "{}").path("blocked-reasons"))
                    .isNotEmpty();
        }
    }

    @Test
    void memoryInAFolderIsLostWithoutAWord() throws Exception {
        List<String> memory = List.of(
                "-object",
                "memory-backend-file,id=ram0,size=32M,share=on,mem-path=" + folder,
                "-machine",
                "memory-backend=ram0,aux-ram-share=on");
        try (ByHand vm = ByHand.startWith(newest(), folder, "vm", memory);
                ByHand next = ByHand.launch(newest(), folder, "next", ByHand.incoming(folder, memory))) {
            assertThat(vm.memory()).isEqualTo(PROGRAM);
            assertThat(vm.codes(CPR_TRANSFER)).contains("memory-file-gone");

            vm.transferTo(next);
            next.awaitRunState("running");
            assertThat(next.memory()).isEqualTo(NOTHING);
        }
    }

    @ParameterizedTest
    @MethodSource("qemus")
    void aUriInModeTransfer(Optional<Path> qemu) throws Exception {
        try (ByHand vm = ByHand.start(there(qemu), folder, "vm")) {
            List<String> codes = vm.codes(CPR_TRANSFER);
            vm.mode("cpr-transfer");
            String error = vm.error("migrate", "{'uri':'unix:" + folder.resolve("main") + "'}");
            if (codes.contains("migrate-uri")) {
                assertThat(error).isEqualTo("gone");
                assertThat(vm.awaitEnd()).contains("assertion failed: (channel)");
            } else {
                assertThat(error).isEqualTo("missing 'cpr' migration channel");
                assertThat(vm.runState()).isEqualTo("running");
            }
            assertThat(codes.contains("migrate-uri")).isEqualTo(QemuUnderTest.major(qemu.get()) >= 11);
        }
    }

    @ParameterizedTest
    @MethodSource("qemus")
    void theMainChannelMayNotBeAFile(Optional<Path> qemu) throws Exception {
        try (ByHand vm = ByHand.start(there(qemu), folder, "vm")) {
            vm.mode("cpr-transfer");
            String file =
                    "{'channel-type':'main','addr':{'transport':'file','filename':'" + folder + "/f','offset':0}}";
            String cpr = "{'channel-type':'cpr','addr':{'transport':'socket','type':'unix','path':'" + folder + "/c'}}";
            assertThat(vm.error("migrate", "{'channels':[" + file + "," + cpr + "]}"))
                    .isEqualTo("Migration requires streamable transport (eg unix)");
            assertThat(ChannelChecks.findings(CPR_TRANSFER, MigrationUri.parse("file:" + folder + "/f")))
                    .extracting(finding -> finding.code().codeName())
                    .containsExactly("main-channel-file");
        }
    }

    @Test
    void aMainChannelOnPortZeroIsWhereNobodyKnows() throws Exception {
        Path qemu = there(QemuUnderTest.find());
        try (ByHand next = ByHand.startWith(qemu, folder, "next", with("-incoming", "tcp:127.0.0.1:0"))) {
            int port = next.execute("query-migrate", "{}")
                    .path("socket-address")
                    .path(0)
                    .path("port")
                    .asInt();
            assertThat(port).isNotZero();
        }
        assertThat(ChannelChecks.findings(CPR_TRANSFER, MigrationUri.parse("tcp:127.0.0.1:0")))
                .extracting(finding -> finding.code().codeName())
                .containsExactly("main-channel-port-zero");
    }

    @ParameterizedTest
    @MethodSource("qemus")
    void theOldProcessTakesTheNewOnesSocketWithIt(Optional<Path> qemu) throws Exception {
        try (ByHand vm = ByHand.start(there(qemu), folder, "vm")) {
            assertThat(vm.codes(CPR_TRANSFER)).contains("socket-path");
            assertThat(Files.exists(vm.qmp())).isTrue();
            Object before = Files.getAttribute(vm.qmp(), "unix:ino");
            try (ByHand next = ByHand.launch(qemu.get(), folder, "vm", with("-incoming", "defer"))) {
                Await.until(
                        ByHand.LIMIT,
                        () -> "another socket; it printed " + next.output(),
                        () -> Files.exists(vm.qmp())
                                && !Files.getAttribute(vm.qmp(), "unix:ino").equals(before));
                next.awaitAnswer();
                vm.terminate();
                vm.awaitEnd();
                assertThat(next.isAlive()).isTrue();
                assertThat(Files.exists(next.qmp())).isFalse(); // nobody reaches it any more
            }
        }
    }

    @ParameterizedTest
    @MethodSource("qemus")
    void thePidFileIsLocked(Optional<Path> qemu) throws Exception {
        String pidFile = folder.resolve("vm.pid").toString();
        try (ByHand vm = ByHand.start(there(qemu), folder, "vm", "-pidfile", pidFile);
                ByHand next = ByHand.launch(qemu.get(), folder, "next", with("-pidfile", pidFile))) {
            assertThat(vm.codes(CPR_TRANSFER)).contains("pid-file");
            assertThat(next.awaitEnd()).contains("cannot create PID file: Cannot lock pid file");
        }
    }

    @ParameterizedTest
    @MethodSource("qemus")
    void aForwardedPortIsTaken(Optional<Path> qemu) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String[] network = {
            "-netdev", "user,id=n0,hostfwd=tcp:127.0.0.1:" + port + "-:22", "-device", "virtio-net-device,netdev=n0"
        };
        try (ByHand vm = ByHand.start(there(qemu), folder, "vm", network);
                ByHand next = ByHand.launch(qemu.get(), folder, "next", ByHand.incoming(folder, with(network)))) {
            CheckReport report = vm.check(Optional.empty());
            assertThat(ByHand.codes(report, CPR_TRANSFER)).contains("port-taken");
            assertThat(ByHand.codes(report, CPR_REBOOT)).doesNotContain("port-taken");

            vm.transferTo(next);
            assertThat(next.awaitEnd()).contains("Could not set up host forwarding rule");
        }
    }

    @ParameterizedTest
    @MethodSource("qemus")
    void aDiskIsLocked(Optional<Path> qemu) throws Exception {
        String[] drive = drive(disk());
        try (ByHand vm = ByHand.start(there(qemu), folder, "vm", drive);
                ByHand next = ByHand.launch(qemu.get(), folder, "next", with(drive))) {
            List<Finding> findings =
                    vm.check(Optional.empty()).mode(CPR_TRANSFER).orElseThrow().findings(Weight.HANDLED);
            assertThat(findings)
                    .anyMatch(f ->
                            f.code() == Finding.Code.DISK_LOCK && f.subject().equals("disk d0"));
            assertThat(next.awaitEnd()).contains("Failed to get \"write\" lock");
        }
    }

    @ParameterizedTest
    @MethodSource("qemus")
    void aDiskThatIsAnotherImageByNow(Optional<Path> qemu) throws Exception {
        Path disk = disk();
        String overlay = folder.resolve("overlay.qcow2").toString();
        String[] drive = drive(disk);
        try (ByHand vm = ByHand.start(there(qemu), folder, "vm", drive)) {
            assertThat(vm.codes(CPR_TRANSFER)).doesNotContain("disk-changed");
            vm.execute("blockdev-snapshot-sync", "{'device':'d0','snapshot-file':'" + overlay + "'}");
            assertThat(vm.codes(CPR_TRANSFER)).contains("disk-changed");

            try (ByHand next = ByHand.launch(qemu.get(), folder, "next", ByHand.incoming(folder, with(drive)))) {
                vm.transferTo(next);
                next.awaitRunState("running");
                String image = next.execute("query-block", "{}")
                        .path(0)
                        .path("inserted")
                        .path("file")
                        .asText();
                assertThat(image).isEqualTo(disk.toString()); // what the guest wrote since is not there
            }
        }
    }

    @Test
    void aJobEndsWithTheOldProcess() throws Exception {
        String[] drive = drive(disk());
        Path qemu = there(QemuUnderTest.find());
        try (ByHand vm = ByHand.start(qemu, folder, "vm", drive);
                ByHand next = ByHand.launch(qemu, folder, "next", ByHand.incoming(folder, with(drive)))) {
            String copy = folder.resolve("copy.raw").toString();
            vm.execute("drive-mirror", "{'device':'d0','target':'" + copy + "','sync':'full','format':'raw'}");
            assertThat(vm.codes(CPR_TRANSFER)).contains("job-running");

            vm.transferTo(next);
            next.awaitRunState("running");
            assertThat(next.execute("query-jobs", "{}")).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("qemus")
    void aDeviceThatWasPluggedIn(Optional<Path> qemu) throws Exception {
        String[] port = {"-device", "pcie-root-port,id=rp"};
        try (ByHand vm = ByHand.start(there(qemu), folder, "vm", port);
                ByHand next = ByHand.launch(qemu.get(), folder, "next", ByHand.incoming(folder, with(port)))) {
            assertThat(vm.codes(CPR_TRANSFER)).doesNotContain("hot-plugged", "not-on-command-line");
            vm.execute("object-add", "{'qom-type':'rng-builtin','id':'numbers'}");
            vm.execute("device_add", "{'driver':'virtio-rng-pci','id':'r1','rng':'numbers','bus':'rp'}");
            CheckReport report = vm.check(Optional.empty());
            assertThat(report.mode(CPR_TRANSFER).orElseThrow().findings(Weight.HANDLED))
                    .filteredOn(f -> f.code() == Finding.Code.HOT_PLUGGED)
                    .extracting(Finding::subject)
                    .contains("device r1", "object numbers");

            vm.transferTo(next);
            assertThat(next.awaitEnd()).containsPattern("Unknown (savevm )?section or instance '.*virtio-rng' 0");
        }
    }

    @ParameterizedTest
    @MethodSource("qemus")
    void aDebuggerHasStoppedTheGuest(Optional<Path> qemu) throws Exception {
        Path gdb = folder.resolve("gdb");
        try (ByHand vm = ByHand.start(there(qemu), folder, "vm", "-gdb", "unix:" + gdb + ",server=on,wait=off");
                SocketChannel debugger = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            debugger.connect(UnixDomainSocketAddress.of(gdb));
            for (String packet : List.of("+$?#3f", "+$s#73")) { // why did it stop; one step
                debugger.write(ByteBuffer.wrap(packet.getBytes(StandardCharsets.US_ASCII)));
                ByteBuffer answer = ByteBuffer.allocate(1000);
                while (!StandardCharsets.US_ASCII
                        .decode(answer.duplicate().flip())
                        .toString()
                        .contains("$T05")) {
                    assertThat(debugger.read(answer)).isPositive();
                }
            }
            vm.awaitRunState("debug");
            assertThat(vm.codes(CPR_TRANSFER)).contains("run-state");

            try (ByHand next = ByHand.launch(qemu.get(), folder, "next", ByHand.incoming(folder, ByHand.SHARED))) {
                vm.transferTo(next);
                assertThat(next.awaitEnd()).contains("invalid runstate transition: 'inmigrate' -> 'debug'");
            }
        }
    }

    /** The guest's own last words are a write to a port, which the monitor of an x86-64 machine can do in its place. */
    @Test
    void aGuestThatHasPanickedIsDeadOnTheOtherSideToo() throws Exception {
        Path qemu = there(QemuUnderTest.find()).resolveSibling("qemu-system-x86_64");
        assumeTrue(Files.isExecutable(qemu), "needs qemu-system-x86_64 beside the one for riscv64");
        List<String> machine = new ArrayList<>(List.of("-M", "q35", "-device", "pvpanic", "-action", "panic=pause"));
        machine.addAll(ByHand.SHARED);
        try (ByHand vm = ByHand.launchMachine(qemu, folder, "vm", machine)) {
            vm.awaitAnswer();
            vm.execute("human-monitor-command", "{'command-line':'o /b 0x505 1'}");
            vm.awaitRunState("guest-panicked");
            CheckReport report = vm.check(Optional.empty());
            for (CheckReport.ModeReport mode : report.modes()) {
                assertThat(mode.findings())
                        .filteredOn(finding -> finding.code() == Finding.Code.RUN_STATE)
                        .extracting(Finding::problem)
                        .containsExactly(
                                "its run state is guest-panicked: its guest has crashed, and would be just as dead"
                                        + " in the new process");
            }
            assertThat(report.auto()).isEmpty();
        }
    }

    /** The guest's timer has been due for longer than it sleeps between its lines, and it has not woken. */
    @Test
    void aGuestThatSleepsUntilTheMachinesTimerSleepsForEver() throws Exception {
        Path qemu = there(QemuUnderTest.find());
        BareGuest guest = new BareGuest(folder.resolve("console"));
        List<String> machine = new ArrayList<>(List.of("-M", "virt", "-bios", "none"));
        machine.addAll(List.of("-kernel", BareGuest.image().toString()));
        machine.addAll(guest.consoleOptions());
        machine.addAll(ByHand.SHARED);
        try (ByHand vm = ByHand.launchMachine(qemu, folder, "vm", machine);
                ByHand next = ByHand.launchMachine(qemu, folder, "next", ByHand.incoming(folder, machine))) {
            guest.awaitCount(2);
            assumeFalse(
                    vm.execute("query-version", "{}").path("qemu").path("major").asInt() > 10,
                    "a QEMU that hands the timer on");
            assertThat(vm.codes(CPR_TRANSFER)).contains("timer-lost");

            vm.transferTo(next);
            next.awaitRunState("running");
            long count = guest.count();
            Await.until(
                    Duration.ofSeconds(20),
                    () -> "the timer",
                    () -> next.word(MTIME) > next.word(MTIMECMP) + 2 * BETWEEN_LINES);
            assertThat(guest.count()).isEqualTo(count);
        }
    }

    /** Asked for on the monitor, it is on no command line, and nobody would listen there any more. */
    @Test
    void aPortThatWasAskedForOnTheMonitor() throws Exception {
        Path qemu = there(QemuUnderTest.find());
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        try (ByHand vm = ByHand.start(
                qemu,
                folder,
                "vm",
                "-netdev",
                "stream,id=n0,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port=0")) {
            vm.execute(
                    "nbd-server-start", "{'addr':{'type':'inet','data':{'host':'127.0.0.1','port':'" + port + "'}}}");
            assertThat(vm.check(Optional.empty())
                            .mode(CPR_TRANSFER)
                            .orElseThrow()
                            .findings())
                    .filteredOn(finding -> finding.code() == Finding.Code.PORT_UNNAMED)
                    .extracting(Finding::subject)
                    .contains("TCP port " + port);
        }
    }

    @Test
    void aSandboxForbidsTheExec() throws Exception {
        try (ByHand vm = ByHand.start(newest(), folder, "vm", "-sandbox", "on,spawn=deny")) {
            CheckReport report = vm.check(Optional.empty());
            assertThat(ByHand.codes(report, CPR_EXEC)).contains("sandbox-spawn");
            assertThat(ByHand.codes(report, CPR_TRANSFER)).doesNotContain("sandbox-spawn");

            vm.execItself();
            Await.until(
                    ByHand.LIMIT,
                    () -> "a failed exec; it printed " + vm.output(),
                    () -> vm.execute("query-migrate", "{}")
                            .path("status")
                            .asText()
                            .equals("failed"));
            assertThat(vm.execute("query-migrate", "{}").path("error-desc").asText())
                    .contains("execvp")
                    .contains("Operation not permitted");
            vm.awaitRunState("running"); // after a pause for nothing
        }
    }

    @Test
    void aProgramThatDoesNotWorkTakesTheGuestWithItInModeExec() throws Exception {
        Path broken = folder.resolve("qemu-system-riscv64");
        Files.writeString(broken, "#!/bin/sh\necho 'broken library' >&2\nexit 127\n");
        assertThat(broken.toFile().setExecutable(true)).isTrue();
        try (ByHand vm = ByHand.start(newest(), folder, "vm")) {
            CheckReport report = vm.check(Optional.of(broken));
            assertThat(ByHand.codes(report, CPR_EXEC)).contains("program-fails", "no-way-back");
            assertThat(report.auto()).isEmpty();

            vm.mode("cpr-exec");
            vm.execute("migrate-set-parameters", "{'cpr-exec-command':['" + broken + "']}");
            vm.execute("migrate", "{'uri':'file:" + folder.resolve("state") + "'}");
            assertThat(vm.awaitEnd()).contains("broken library"); // nothing has the guest
        }
    }

    @Test
    void anOlderProgramDoesNotKnowTheMode() throws Exception {
        Path qemu = there(QemuUnderTest.find());
        assumeTrue(QemuUnderTest.major(qemu) == 10, "needs a QEMU 10, which has no cpr-exec in 10.0");
        try (ByHand vm = ByHand.start(qemu, folder, "vm")) {
            assertThat(vm.error("migrate-set-parameters", "{'mode':'cpr-exec'}"))
                    .isEqualTo("Parameter 'mode' does not accept value 'cpr-exec'");
            assertThat(vm.codes(CPR_EXEC)).contains("mode-unsupported");
        }
    }

    @Test
    void aLogIsEmptiedByTheNewProcess() throws Exception {
        Path log = folder.resolve("serial.log");
        Path qemu = there(QemuUnderTest.find());
        try (ByHand vm = ByHand.start(qemu, folder, "vm", "-serial", "file:" + log)) {
            assertThat(vm.codes(CPR_TRANSFER)).contains("log-file");
            Files.writeString(log, "what the guest said");
            try (ByHand next =
                    ByHand.startWith(qemu, folder, "next", with("-incoming", "defer", "-serial", "file:" + log))) {
                assertThat(next.isAlive()).isTrue();
                assertThat(log).isEmptyFile();
            }
        }
    }

    @Test
    void aDescriptorThatWasOpenedForTheOldProcess() throws Exception {
        Path qemu = there(QemuUnderTest.find());
        Path opener = folder.resolve("opener");
        Files.writeString(opener, "#!/bin/sh\nexec 9<>" + disk() + "\nexec " + qemu + " \"$@\"\n");
        assertThat(opener.toFile().setExecutable(true)).isTrue();
        try (ByHand vm = ByHand.start(opener, folder, "vm", "-add-fd", "fd=9,set=1");
                ByHand next = ByHand.launch(qemu, folder, "next", with("-add-fd", "fd=9,set=1"))) {
            assertThat(vm.codes(CPR_TRANSFER)).contains("inherited-descriptor");
            assertThat(next.status()).isEqualTo(1);
            assertThat(next.output()).contains("fd=9,set=1");
        }
    }

    /** The nearest to an alias of a machine that is had here: a machine without versions in two releases. */
    @Test
    void aMachineThatNoVersionHoldsStable() throws Exception {
        Path old = there(QemuUnderTest.find());
        assumeTrue(QemuUnderTest.major(old) == 10, "needs a QEMU 10, whose riscv64 processor later ones do not load");
        Path late = newest();
        try (ByHand vm = ByHand.start(old, folder, "vm");
                ByHand next = ByHand.launch(late, folder, "next", ByHand.incoming(folder, ByHand.SHARED))) {
            CheckReport report = vm.check(Optional.of(late));
            assertThat(ByHand.codes(report, CPR_TRANSFER)).contains("machine-unversioned");

            vm.transferTo(next);
            assertThat(next.awaitEnd()).contains("incoming version_id 10 is too old");
        }
    }

    @Test
    void anEarlierReleaseCannotReadTheCprState() throws Exception {
        Path old = there(QemuUnderTest.find());
        assumeTrue(QemuUnderTest.major(old) == 10, "needs a QEMU 10.0");
        try (ByHand vm = ByHand.start(newest(), folder, "vm");
                ByHand next = ByHand.launch(old, folder, "next", ByHand.incoming(folder, ByHand.SHARED))) {
            CheckReport report = vm.check(Optional.of(old));
            assertThat(ByHand.codes(report, CPR_TRANSFER)).contains("state-version", "program-older");

            vm.transferTo(next);
            assertThat(next.awaitEnd()).contains("vmstate_load_state error -2");
            vm.awaitRunState("running");
        }
    }
}
