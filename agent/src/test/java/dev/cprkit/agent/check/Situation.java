package dev.cprkit.agent.check;

import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.argv.QemuOption;
import dev.cprkit.agent.check.DeviceFacts.Device;
import dev.cprkit.agent.check.DeviceFacts.Disk;
import dev.cprkit.agent.check.MigrationFacts.ModeAnswer;
import dev.cprkit.agent.check.ProgramFacts.Release;
import dev.cprkit.agent.check.ProgramFacts.Trouble;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.hotplug.Hotplugged;
import dev.cprkit.agent.monitor.MemoryBackend;
import dev.cprkit.proto.client.QmpVersion;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** A VM of QEMU 10.2 against which nothing can be said, until a test changes something. */
final class Situation {
    static final long MIB = 1 << 20;

    String runState = "running";
    boolean migrating;
    final Map<MigMode, ModeAnswer> modes = new EnumMap<>(MigMode.class);
    final Map<String, Boolean> capabilities = new HashMap<>();
    final Map<String, String> parameters = new HashMap<>();
    final List<String> jobs = new ArrayList<>();
    QmpVersion version = new QmpVersion(10, 2, 0, "Debian");
    String processor = "x86_64";
    String machine = "pc-q35-10.2";
    Map<String, String> aliases = Map.of("q35", "pc-q35-10.2");
    Optional<Boolean> aux = Optional.of(true);
    List<MemoryBackend> memory = List.of(new MemoryBackend("ram0", 64 * MIB, true));
    Map<String, String> files = Map.of("ram0", "/dev/null");
    final List<Device> plugged = new ArrayList<>(List.of(new Device("net0", "virtio-net-pci")));
    final List<String> objects = new ArrayList<>(List.of("ram0"));
    final Map<String, String> chardevs = new HashMap<>(Map.of("con", "unix:/run/con", "compat_monitor0", "unix:/q"));
    final List<Disk> disks = new ArrayList<>();
    final List<String> nodes = new ArrayList<>();
    Hotplugged hotplugged = new Hotplugged(List.of(), List.of());
    final List<String> arguments = new ArrayList<>(List.of(
            "-machine",
            "pc-q35-10.2,memory-backend=ram0,aux-ram-share=on",
            "-object",
            "memory-backend-file,id=ram0,size=64M,share=on,mem-path=/dev/null",
            "-device",
            "virtio-net-pci,id=net0",
            "-chardev",
            "socket,id=con,path=con,server=on,abstract=on"));
    Path root = Path.of("/");
    List<String> otherNamespaces = List.of();
    String cgroup = "/vms";
    List<Integer> tcpPorts = List.of();
    Set<String> huge = Set.of();
    long privateBytes = 100 * MIB;
    int uid = 1000;
    HostFacts host = new HostFacts(1000, "/vms", 1000 * MIB, OptionalLong.empty(), OptionalLong.empty());
    Path program = Path.of("/usr/bin/qemu-system-x86_64");
    Optional<Trouble> trouble = Optional.empty();
    Optional<Release> release = Optional.of(new Release("QEMU", 10, 2, "10.2.1"));
    Set<String> machines = Set.of("pc-q35-10.2", "q35");
    Set<String> devices = Set.of("virtio-net-pci");

    Situation() {
        for (MigMode mode : ModeProbe.MODES) {
            answer(mode);
        }
    }

    void answer(MigMode mode, String... reasons) {
        modes.put(mode, new ModeAnswer(Optional.empty(), List.of(reasons)));
    }

    void refuse(MigMode mode) {
        modes.put(mode, new ModeAnswer(Optional.of("no such mode"), List.of()));
    }

    void option(String... words) {
        arguments.addAll(List.of(words));
    }

    CheckFacts facts() {
        MigrationFacts migration =
                new MigrationFacts(runState, migrating, "normal", modes, capabilities, parameters, jobs);
        MachineFacts board =
                new MachineFacts(machine, aliases, Set.of("pc-q35-10.2"), aux, memory, "ram0", files, huge);
        DeviceFacts all = new DeviceFacts(plugged, objects, chardevs, disks, nodes, hotplugged);
        List<String> words = new ArrayList<>(List.of("/usr/bin/qemu-system-x86_64"));
        words.addAll(arguments);
        ProcessFacts process = new ProcessFacts(77, uid, words, Path.of(words.getFirst()), Path.of("/vm"), Map.of());
        return new CheckFacts(
                new VmFacts(version, processor, migration, board, all),
                new OldProcess(
                        process,
                        new Program(List.of(words.getFirst()), arguments),
                        QemuOption.parse(arguments),
                        root,
                        otherNamespaces,
                        cgroup,
                        tcpPorts,
                        privateBytes),
                host,
                new ProgramFacts(program, trouble, release, machines, devices));
    }
}
