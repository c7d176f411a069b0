package dev.cprkit.agent.check;

import static dev.cprkit.proto.qapi.MigMode.CPR_EXEC;
import static dev.cprkit.proto.qapi.MigMode.CPR_REBOOT;
import static dev.cprkit.proto.qapi.MigMode.CPR_TRANSFER;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cprkit.agent.check.DeviceFacts.Device;
import dev.cprkit.agent.check.DeviceFacts.Disk;
import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.check.ProgramFacts.Release;
import dev.cprkit.agent.check.ProgramFacts.Trouble;
import dev.cprkit.agent.hotplug.Hotplugged;
import dev.cprkit.agent.hotplug.PlugCommand;
import dev.cprkit.agent.monitor.MemoryBackend;
import dev.cprkit.proto.client.QmpVersion;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every code: what brings it about, in which modes, and what it says. */
class VmCheckTest {
    private static final List<MigMode> ALL = ModeProbe.MODES;
    private static final List<MigMode> TWO_PROCESSES = List.of(CPR_TRANSFER, CPR_REBOOT);
    private static final List<MigMode> MEMORY_STAYS = List.of(CPR_TRANSFER, CPR_EXEC);

    /** Judged by others than {@link VmCheck#findings}, and tested with them. */
    private static final Set<Code> ELSEWHERE = EnumSet.of(
            Code.UPDATE_RUNNING,
            Code.QMP_NOT_ON_COMMAND_LINE,
            Code.LEFTOVER_PROCESS,
            Code.PATH_TAKEN,
            Code.PATH_TOO_LONG,
            Code.MAIN_CHANNEL_FILE,
            Code.MAIN_CHANNEL_STREAM,
            Code.MAIN_CHANNEL_PORT_ZERO,
            Code.PAUSE_OVER_BUDGET,
            Code.NO_ROOM_FOR_STATE);

    record Case(Code code, List<MigMode> modes, String subject, Consumer<Situation> change) {
        @Override
        public String toString() {
            return code.codeName() + " " + subject;
        }
    }

    private static Case of(Code code, List<MigMode> modes, String subject, Consumer<Situation> change) {
        return new Case(code, modes, subject, change);
    }

    private static Case state(String runState) {
        return of(Code.RUN_STATE, ALL, "the VM", s -> s.runState = runState);
    }

    private static Case option(Code code, List<MigMode> modes, String name, String value) {
        return of(code, modes, "-" + name + " " + value, s -> s.option("-" + name, value));
    }

    private static Case listening(String name, String value, int port) {
        return of(Code.PORT_TAKEN, List.of(CPR_TRANSFER), "-" + name + " " + value, s -> {
            s.option("-" + name, value);
            s.tcpPorts = List.of(port);
        });
    }

    private static Case capability(String name) {
        return of(Code.CAPABILITY_CONFLICT, ALL, "migration capability " + name, s -> s.capabilities.put(name, true));
    }

    static Stream<Case> cases() {
        return Stream.of(migration(), memory(), devices(), disks(), options(), process(), program())
                .flatMap(stream -> stream);
    }

    private static Stream<Case> migration() {
        return Stream.of(
                state("debug"),
                state("postmigrate"),
                state("inmigrate"),
                state("guest-panicked"),
                state("io-error"),
                state("shutdown"),
                state("internal-error"),
                state("finish-migrate"),
                state("watchdog"),
                state("something-new"),
                of(Code.MIGRATION_RUNNING, ALL, "the VM", s -> s.migrating = true),
                of(Code.MODE_UNSUPPORTED, List.of(CPR_EXEC), "mode cpr-exec", s -> s.refuse(CPR_EXEC)),
                of(Code.BLOCKED, List.of(CPR_TRANSFER), "the VM", s -> s.answer(CPR_TRANSFER, "a device blocks it")),
                of(Code.BLOCKED, List.of(CPR_REBOOT), "the VM", s -> s.answer(CPR_REBOOT, "a device blocks it")),
                of(Code.JOB_RUNNING, ALL, "job d0 (mirror)", s -> s.jobs.add("job d0 (mirror)")),
                capability("postcopy-ram"),
                capability("dirty-bitmaps"),
                capability("background-snapshot"),
                capability("x-colo"),
                capability("pause-before-switchover"),
                capability("multifd"),
                capability("mapped-ram"),
                of(
                        Code.CAPABILITY_CONFLICT,
                        MEMORY_STAYS,
                        "migration capability x-ignore-shared",
                        s -> s.capabilities.put("x-ignore-shared", true)),
                of(
                        Code.CAPABILITY_CONFLICT,
                        ALL,
                        "migration parameter tls-creds",
                        s -> s.parameters.put("tls-creds", "tls0")));
    }

    private static void mainMemory(Situation s, boolean share, Map<String, String> files) {
        s.memory = List.of(new MemoryBackend("ram0", 64 * Situation.MIB, share));
        s.files = files;
    }

    private static Stream<Case> memory() {
        String ram = "memory backend ram0";
        return Stream.of(
                of(Code.MEMORY_NOT_SHARED, MEMORY_STAYS, ram, s -> mainMemory(s, false, Map.of())),
                of(
                        Code.MEMORY_NOT_SHARED,
                        MEMORY_STAYS,
                        "guest memory",
                        s -> s.memory = List.of(new MemoryBackend("", 1, false))),
                of(Code.AUX_RAM_NOT_SHARED, MEMORY_STAYS, "machine property aux-ram-share", s -> {
                    s.aux = Optional.of(false);
                    s.answer(CPR_TRANSFER, "Memory region vga.vram is not compatible with CPR. share=on is required");
                }),
                of(Code.MEMORY_FILE_GONE, ALL, ram, s -> mainMemory(s, true, Map.of("ram0", "/no/such/file"))),
                of(Code.MEMORY_FILE_GONE, ALL, ram, s -> mainMemory(s, true, Map.of("ram0", "/tmp"))),
                of(Code.HUGE_PAGES, List.of(CPR_REBOOT), ram, s -> s.huge = Set.of("ram0")),
                of(Code.MEMORY_COPIED, List.of(CPR_REBOOT), "guest memory", s -> mainMemory(s, true, Map.of())),
                of(
                        Code.MEMORY_SHORT,
                        List.of(CPR_TRANSFER),
                        "the host",
                        s -> s.host = new HostFacts(
                                1000, "/vms", 100 * Situation.MIB, OptionalLong.empty(), OptionalLong.empty())),
                of(
                        Code.MEMORY_SHORT,
                        List.of(CPR_TRANSFER),
                        "control group /vms",
                        s -> s.host = new HostFacts(
                                1000,
                                "/vms",
                                1000 * Situation.MIB,
                                OptionalLong.of(100 * Situation.MIB),
                                OptionalLong.empty())),
                of(Code.MEMORY_LOCK_LIMIT, TWO_PROCESSES, "-overcommit mem-lock=on", s -> {
                    s.option("-overcommit", "mem-lock=on");
                    s.host = new HostFacts(
                            1000, "/vms", 1000 * Situation.MIB, OptionalLong.empty(), OptionalLong.of(8 << 20));
                }));
    }

    private static Stream<Case> devices() {
        return Stream.of(
                of(
                        Code.NOT_ON_COMMAND_LINE,
                        ALL,
                        "device rng1 (virtio-rng-pci)",
                        s -> s.plugged.add(new Device("rng1", "virtio-rng-pci"))),
                of(
                        Code.NOT_ON_COMMAND_LINE,
                        ALL,
                        "a device virtio-rng-pci",
                        s -> s.plugged.add(new Device("", "virtio-rng-pci"))),
                of(Code.NOT_ON_COMMAND_LINE, ALL, "object dimm", s -> s.objects.add("dimm")),
                of(Code.NOT_ON_COMMAND_LINE, ALL, "block node extra", s -> s.nodes.add("extra")),
                of(Code.NOT_ON_COMMAND_LINE, ALL, "character device extra", s -> s.chardevs.put("extra", "null")),
                of(
                        Code.HOT_PLUGGED,
                        ALL,
                        "device rng1",
                        s -> s.hotplugged = new Hotplugged(
                                List.of(new PlugCommand(
                                        "device rng1", "device_add", JsonNodeFactory.instance.objectNode())),
                                List.of())),
                of(Code.UNPLUGGED, ALL, "device net0 (virtio-net-pci)", s -> s.plugged.clear()),
                of(
                        Code.VFIO_NOT_SUSPENDED,
                        List.of(CPR_REBOOT),
                        "a device vfio-pci",
                        s -> s.plugged.add(new Device("", "vfio-pci"))),
                of(
                        Code.STDIO_CHARDEV,
                        TWO_PROCESSES,
                        "character device serial0",
                        s -> s.chardevs.put("serial0", "stdio")),
                of(
                        Code.PTY_CHARDEV,
                        ALL,
                        "character device serial0",
                        s -> s.chardevs.put("serial0", "pty:/dev/pts/3")));
    }

    private static Consumer<Situation> disk(String file, String driver) {
        return s -> {
            s.option("-drive", "if=none,id=d0,file=/vm/disk.raw");
            s.disks.add(new Disk("d0", "#block1", file, driver));
        };
    }

    private static Stream<Case> disks() {
        return Stream.of(
                of(Code.DISK_LOCK, List.of(CPR_TRANSFER), "disk d0", disk("/vm/disk.raw", "file")),
                of(Code.DISK_CHANGED, ALL, "disk d0", disk("/vm/overlay.qcow2", "file")),
                of(
                        Code.DISK_CHANGED,
                        ALL,
                        "disk d0",
                        s -> s.disks.add(new Disk("d0", "overlay", "/vm/overlay.qcow2", "null-co"))),
                of(Code.BACKEND_EXCLUSIVE, List.of(CPR_TRANSFER), "disk d0", disk("/vm/disk.raw", "nvme")),
                of(
                        Code.BACKEND_EXCLUSIVE,
                        List.of(CPR_TRANSFER),
                        "a device vhost-user-fs-pci",
                        s -> s.plugged.add(new Device("", "vhost-user-fs-pci"))),
                option(Code.BACKEND_EXCLUSIVE, List.of(CPR_TRANSFER), "netdev", "tap,id=n0,ifname=tap0"),
                option(Code.BACKEND_EXCLUSIVE, List.of(CPR_TRANSFER), "netdev", "vhost-user,id=n0,chardev=c"),
                option(Code.BACKEND_EXCLUSIVE, List.of(CPR_TRANSFER), "tpmdev", "emulator,id=tpm,chardev=c"),
                of(Code.TEMPORARY_DISK, ALL, "-snapshot", s -> s.option("-snapshot")),
                option(Code.TEMPORARY_DISK, ALL, "drive", "file=/vm/disk.raw,snapshot=on"),
                option(Code.TEMPORARY_DISK, ALL, "drive", "file=fat:rw:/vm/folder"));
    }

    private static Stream<Case> options() {
        return Stream.of(
                option(Code.PORT_TAKEN, List.of(CPR_TRANSFER), "serial", "tcp:127.0.0.1:4444,server=on"),
                option(Code.PORT_TAKEN, List.of(CPR_TRANSFER), "netdev", "user,id=n0,hostfwd=tcp:127.0.0.1:2222-:22"),
                listening("netdev", "stream,id=n0,server=on,addr.type=inet,addr.host=::1,addr.port=5555", 5555),
                listening("spice", "addr=127.0.0.1,port=5930", 5930),
                of(Code.PORT_UNNAMED, ALL, "TCP port 10809", s -> s.tcpPorts = List.of(10_809)),
                option(Code.PORT_ZERO, ALL, "serial", "tcp:127.0.0.1:0,server=on"),
                option(Code.PORT_ZERO, ALL, "netdev", "user,id=n0,hostfwd=tcp:127.0.0.1:0-:22"),
                of(
                        Code.SOCKET_PATH,
                        List.of(CPR_TRANSFER),
                        "/run/vm.qmp",
                        s -> s.option("-qmp", "unix:/run/vm.qmp,server=on,wait=off")),
                of(Code.PID_FILE, List.of(CPR_TRANSFER), "/run/vm.pid", s -> s.option("-pidfile", "/run/vm.pid")),
                option(Code.LOG_FILE, ALL, "serial", "file:/var/log/vm"),
                option(Code.LOG_FILE, ALL, "chardev", "file,id=con,path=/var/log/vm"),
                option(Code.INHERITED_DESCRIPTOR, ALL, "add-fd", "fd=9,set=1"),
                option(Code.INHERITED_DESCRIPTOR, ALL, "netdev", "tap,id=n0,fd=9"),
                option(Code.INHERITED_DESCRIPTOR, ALL, "drive", "file=/dev/fdset/1,if=none"),
                option(Code.SANDBOX_SPAWN, List.of(CPR_EXEC), "sandbox", "on,spawn=deny"),
                option(Code.PRIVILEGES_DROPPED, List.of(CPR_EXEC), "runas", "vm"),
                option(Code.PRIVILEGES_DROPPED, List.of(CPR_EXEC), "chroot", "/empty"),
                option(Code.PRIVILEGES_DROPPED, List.of(CPR_EXEC), "run-with", "chroot=/empty"),
                of(Code.PRIVILEGES_DROPPED, List.of(CPR_EXEC), "process 77", s -> s.root = Path.of("/empty")),
                of(Code.MACHINE_ALIAS, ALL, "-machine q35", s -> {
                    s.arguments.set(1, "q35");
                }),
                of(Code.DAEMONIZE, ALL, "-daemonize", s -> s.option("-daemonize")),
                option(Code.EXIT_WITH_PARENT, TWO_PROCESSES, "run-with", "exit-with-parent=on"),
                option(Code.CONFIG_FILE, List.of(CPR_TRANSFER), "readconfig", "/vm/config"));
    }

    private static Stream<Case> process() {
        return Stream.of(
                of(Code.OTHER_USER, TWO_PROCESSES, "process 77", s -> s.uid = 7),
                of(Code.OTHER_NAMESPACE, TWO_PROCESSES, "process 77", s -> s.otherNamespaces = List.of("net")),
                of(Code.OTHER_CGROUP, TWO_PROCESSES, "process 77", s -> s.cgroup = "/machine.slice/vm"));
    }

    private static Case release(Code code, List<MigMode> modes, int major, int minor) {
        return of(
                code,
                modes,
                "/usr/bin/qemu-system-x86_64",
                s -> s.release = Optional.of(new Release("QEMU", major, minor, major + "." + minor + ".0")));
    }

    private static Case trouble(Code code) {
        return of(
                code,
                ALL,
                "/usr/bin/qemu-system-x86_64",
                s -> s.trouble = Optional.of(new Trouble(code, "there is something")));
    }

    private static Stream<Case> program() {
        String program = "/usr/bin/qemu-system-x86_64";
        return Stream.of(
                trouble(Code.PROGRAM_MISSING),
                trouble(Code.PROGRAM_NOT_EXECUTABLE),
                trouble(Code.PROGRAM_FAILS),
                trouble(Code.PROGRAM_UNTRUSTED),
                of(
                        Code.PROGRAM_OTHER_KIND,
                        ALL,
                        program,
                        s -> s.release = Optional.of(new Release("vmm", 11, 1, "11.1.1 (cprkit 0.1.0)"))),
                of(Code.PROGRAM_OTHER_KIND, ALL, program, s -> s.processor = "riscv64"),
                of(Code.TIMER_LOST, ALL, "QEMU 10.1.2 (Debian)", s -> {
                    s.processor = "riscv64";
                    s.version = new QmpVersion(10, 1, 2, "Debian");
                }),
                release(Code.PROGRAM_OLDER, ALL, 10, 1),
                release(Code.STATE_VERSION, MEMORY_STAYS, 10, 0),
                release(Code.MODE_UNSUPPORTED, List.of(CPR_EXEC), 10, 1),
                release(Code.MODE_UNSUPPORTED, List.of(CPR_TRANSFER, CPR_EXEC), 9, 2),
                release(Code.MODE_UNSUPPORTED, ALL, 8, 1),
                of(Code.MACHINE_MISSING, ALL, program, s -> s.machines = Set.of("pc-q35-11.0")),
                of(Code.MACHINE_UNVERSIONED, ALL, "machine virt", s -> {
                    s.machine = "virt";
                    s.machines = Set.of("virt");
                    s.release = Optional.of(new Release("QEMU", 11, 1, "11.1.0"));
                }),
                of(Code.DEVICE_MISSING, ALL, program, s -> s.devices = Set.of("e1000")),
                of(
                        Code.MIGRATE_URI,
                        List.of(CPR_TRANSFER),
                        "QEMU 11.1.0 (Debian)",
                        s -> s.version = new QmpVersion(11, 1, 0, "Debian")));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void itFiresInItsModesAndForThatAlone(Case one) {
        for (MigMode mode : ALL) {
            assertThat(VmCheck.findings(mode, new Situation().facts()))
                    .filteredOn(f -> f.code() == one.code && f.subject().equals(one.subject))
                    .isEmpty();
            Situation situation = new Situation();
            one.change.accept(situation);
            assertThat(VmCheck.findings(mode, situation.facts()))
                    .as("in mode %s", mode.qapiName())
                    .filteredOn(f -> f.code() == one.code && f.subject().equals(one.subject))
                    .hasSize(one.modes.contains(mode) ? 1 : 0)
                    .allSatisfy(f -> {
                        assertThat(f.problem()).isNotBlank().doesNotEndWith(".");
                        assertThat(f.remedy()).isNotBlank().doesNotEndWith(".");
                    });
        }
    }

    @Test
    void everyCodeHasACase() {
        Set<Code> shown = EnumSet.copyOf(cases().map(Case::code).toList());
        shown.addAll(ELSEWHERE);
        shown.add(Code.NO_WAY_BACK);
        assertThat(Arrays.asList(Code.values())).containsExactlyInAnyOrderElementsOf(shown);
    }

    @Test
    void ofAVmAgainstWhichNothingCanBeSaidNothingIsSaid() {
        CheckFacts facts = new Situation().facts();
        assertThat(VmCheck.findings(CPR_TRANSFER, facts)).isEmpty();
        assertThat(VmCheck.findings(CPR_REBOOT, facts)).isEmpty();
        assertThat(VmCheck.findings(CPR_EXEC, facts))
                .extracting(Finding::code)
                .containsExactly(Code.NO_WAY_BACK); // which is so, whatever the VM
    }

    @Test
    void theRunStatesThatAGuestCanBeTakenOverIn() {
        for (String state : List.of("running", "paused", "suspended", "prelaunch")) {
            Situation situation = new Situation();
            situation.runState = state;
            assertThat(VmCheck.findings(CPR_TRANSFER, situation.facts())).isEmpty();
        }
    }

    @Test
    void theWeightOfACodeIsTheSameInEachModeInWhichItMatters() {
        for (Code code : Code.values()) {
            Set<Weight> weights = EnumSet.noneOf(Weight.class);
            ALL.forEach(mode -> weights.add(code.weight(mode)));
            weights.remove(Weight.NOTHING);
            assertThat(weights).as(code.codeName()).hasSize(1);
            assertThat(code.refuses()).isEqualTo(weights.contains(Weight.REFUSES));
            assertThat(code.weight(MigMode.NORMAL)).isEqualTo(Weight.NOTHING);
            assertThat(Code.of(code.codeName())).contains(code);
            assertThat(code.codeName()).matches("[a-z]+(-[a-z]+)*");
        }
    }

    @Test
    void privateMemoryIsLostWithoutAWordInModeExec() {
        Situation situation = new Situation();
        mainMemory(situation, false, Map.of());
        assertThat(VmCheck.findings(CPR_EXEC, situation.facts()).getFirst().sentence())
                .isEqualTo(
                        "memory backend ram0: it is private to the old process, so the guest would find it empty, and"
                                + " QEMU does not say so in this mode; restart the VM once with -object"
                                + " memory-backend-memfd,share=on,id=ID,size=SIZE -machine memory-backend=ID");
    }

    @Test
    void aPortThatTheHostChoseIsToldOnceAndAPortOfAnOptionIsNotToldAsAnothers() {
        Situation chosen = new Situation();
        chosen.option("-serial", "tcp:127.0.0.1:0,server=on");
        chosen.tcpPorts = List.of(40_123);
        assertThat(VmCheck.findings(CPR_REBOOT, chosen.facts()))
                .extracting(Finding::code)
                .containsExactly(Code.PORT_ZERO);
        Situation named = new Situation();
        named.option("-serial", "tcp:127.0.0.1:4444,server=on");
        named.option("-m", "5555M");
        named.tcpPorts = List.of(4444, 444);
        assertThat(VmCheck.findings(CPR_TRANSFER, named.facts()))
                .extracting(finding -> finding.code().codeName() + " " + finding.subject())
                .containsExactly("port-taken -serial tcp:127.0.0.1:4444,server=on", "port-unnamed TCP port 444");
    }

    @Test
    void anIdThatBeginsLikeAnotherOneIsNotThatOne() {
        Situation situation = new Situation();
        situation.chardevs.put("ch1", "null");
        situation.option("-chardev", "null,id=ch10");
        assertThat(VmCheck.findings(CPR_TRANSFER, situation.facts()))
                .extracting(Finding::subject)
                .containsExactly("character device ch1");
    }

    @Test
    void devicesThatOtherOptionsMakeAreNotTakenForHotPluggedOnes() {
        Situation situation = new Situation();
        situation.plugged.add(new Device("", "virtio-blk-pci"));
        situation.devices = Set.of("virtio-net-pci", "virtio-blk-pci");
        situation.option("-drive", "if=virtio,file=/vm/disk.raw");
        assertThat(VmCheck.findings(CPR_TRANSFER, situation.facts())).isEmpty();
    }
}
