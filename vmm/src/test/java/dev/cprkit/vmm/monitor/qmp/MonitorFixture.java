package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.chardev.ChardevConfig;
import dev.cprkit.vmm.chardev.ChardevException;
import dev.cprkit.vmm.chardev.ChardevOptions;
import dev.cprkit.vmm.chardev.Chardevs;
import dev.cprkit.vmm.chardev.LoopThread;
import dev.cprkit.vmm.chardev.Peer;
import dev.cprkit.vmm.chardev.SocketTarget;
import dev.cprkit.vmm.cli.CommandLine;
import dev.cprkit.vmm.cli.Invocation;
import dev.cprkit.vmm.cli.ObjectText;
import dev.cprkit.vmm.cpr.CprState;
import dev.cprkit.vmm.machine.ObjectTree;
import dev.cprkit.vmm.machine.config.MachineConfig;
import dev.cprkit.vmm.machine.hotplug.Plugs;
import dev.cprkit.vmm.memory.MemoryBackendConfig;
import dev.cprkit.vmm.memory.RamAllocator;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.monitor.MachineFacts;
import dev.cprkit.vmm.monitor.MonitorConfig;
import dev.cprkit.vmm.monitor.Version;
import dev.cprkit.vmm.monitor.hmp.HmpMonitor;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpShell;
import dev.cprkit.vmm.monitor.hmp.MachineHmp;
import dev.cprkit.vmm.monitor.hmp.RunHmp;
import dev.cprkit.vmm.monitor.hmp.command.ObjectHmp;
import dev.cprkit.vmm.objects.UserObjects;
import dev.cprkit.vmm.os.FdSets;
import dev.cprkit.vmm.qom.QomTree;
import dev.cprkit.vmm.run.Yank;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Monitors on real sockets over a {@link FakeMachine}, wired as the program wires them. */
public final class MonitorFixture implements AutoCloseable {
    public final QmpRegistry registry = new QmpRegistry();
    public final HmpRegistry humanRegistry = new HmpRegistry();
    public final FakeMachine machine;
    private final Version version = new Version(11, 1, 1, " (cprkit test)");
    private final LoopThread loop = new LoopThread();
    final Chardevs chardevs;
    final UserObjects objects;
    final FdSets fdSets = new FdSets();
    final Yank yank = new Yank();
    final MachineConfig config;
    private final QmpServer server;
    private final RamAllocator allocator;
    private final List<RamBlock> blocks = new ArrayList<>();
    private final HmpShell shell;
    private final Path folder;
    public final DescriptorCommands descriptors;

    public MonitorFixture(Path folder) throws Exception {
        this.folder = folder;
        chardevs = new Chardevs(loop.loop(), () -> {}, fdSets, yank);
        config = config();
        allocator = new RamAllocator(new CprState(), false, fdSets);
        for (MemoryBackendConfig backend : config.backends()) {
            blocks.add(allocator.backend(backend));
        }
        allocator.machineFinished();
        objects = new UserObjects(allocator);
        objects.adopt(config);
        objects.openMonitorsBy(this::open);
        InstantSource time = InstantSource.fixed(Instant.ofEpochSecond(7, 8_000));
        server = new QmpServer(registry, version, loop.loop(), time);
        machine = new FakeMachine(loop.loop(), server);
        MachineFacts facts = new MachineFacts(
                Optional.of("vm"),
                "01234567-89ab-cdef-0123-456789abcdef",
                64 << 20,
                objects.memoryBackends(),
                List.of(new MachineFacts.Cpu(0, "rv64", () -> 42)));
        shell = new HmpShell(humanRegistry);
        new RunHmp(machine).register(humanRegistry);
        new MachineHmp(facts, chardevs, version).register(humanRegistry);
        new SessionCommands(registry, version).register();
        new RunCommands(machine).register(registry);
        new MachineCommands(facts).register(registry);
        InventoryCommands.register(registry);
        OptionCommands.register(registry);
        QomTree tree = ObjectTree.of(config, objects::nodes, chardevs::nodes);
        new QomCommands(tree).register(registry);
        new ObjectCommands(objects, config.machine()).register(registry);
        new DeviceCommands(new Plugs(ObjectTree.buses(config), tree, () -> false)).register(registry);
        descriptors = new DescriptorCommands(server);
        descriptors.register(registry);
        new ChardevCommands(chardevs, descriptors).register(registry);
        new RingbufCommands(chardevs).register(registry);
        ObjectHmp.register(humanRegistry, registry, descriptors, objects, new ObjectText(config.machine()));
        new FdSetCommands(server, fdSets).register(registry);
        new YankCommands(yank).register(registry);
        new HumanCommands(shell, 1).register(registry);
    }

    private static MachineConfig config() throws Exception {
        String[] words = {
            "-display",
            "none",
            "-nodefaults",
            "-m",
            "64M",
            "-machine",
            "virt,memory-backend=ram0,aux-ram-share=on",
            "-object",
            "memory-backend-memfd,id=ram0,size=64M",
            "-object",
            "rng-random,id=r0",
            "-device",
            "virtio-rng-device,id=rng0,rng=r0",
            "-serial",
            "null"
        };
        return ((Invocation.Run) CommandLine.parse(List.of(words), "")).config();
    }

    private UserObjects.OpenMonitor open(MonitorConfig monitor) throws ChardevException {
        QmpServer.OpenMonitor opened = server.open(chardevs, monitor.chardev(), monitor.pretty());
        return opened::close;
    }

    /** What a command answers: the JSON of its result, or its error's class and text. */
    String run(String command, String arguments) throws Exception {
        JsonObject object = (JsonObject) JsonText.parse(arguments);
        return call(() -> {
            try {
                return JsonText.write(registry.find(command).orElseThrow().execute(new QmpArguments(object)));
            } catch (QmpError e) {
                return e.errorClass() + ": " + e.getMessage();
            }
        });
    }

    /** A client of a new QMP monitor; it has not read the greeting yet. */
    public Peer qmp(String id, boolean pretty) throws Exception {
        open(id, ChardevOptions.NONE, () -> {
            server.open(chardevs, id, pretty);
            return true;
        });
        return Peer.connect(path(id));
    }

    /** A client that has negotiated. */
    public Peer negotiated(String id) throws Exception {
        Peer peer = qmp(id, false);
        peer.readTo("\r\n");
        peer.send("{'execute': 'qmp_capabilities'}");
        peer.readTo("{\"return\": {}}\r\n");
        return peer;
    }

    /** A client of a new human monitor; it has not read the banner yet. */
    public Peer hmp(String id, ChardevOptions options) throws Exception {
        open(id, options, () -> {
            HmpMonitor.open(shell, version, loop.loop(), chardevs.claim(id));
            return true;
        });
        return Peer.connect(path(id));
    }

    public String path(String id) {
        return folder.resolve(id).toString();
    }

    public HmpShell shell() {
        return shell;
    }

    /** Runs something with the machine lock held. */
    public <T> T call(Callable<T> action) throws Exception {
        return loop.call(action);
    }

    private void open(String id, ChardevOptions options, Callable<Boolean> monitor) throws Exception {
        loop.call(() -> {
            chardevs.open(
                    new ChardevConfig.Socket(id, new SocketTarget.Unix(path(id)), true, false, 0, false, options));
            return monitor.call();
        });
    }

    @Override
    public void close() {
        try {
            loop.call(() -> {
                chardevs.close();
                server.close();
                return true;
            });
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            loop.close();
            for (RamBlock block : blocks) {
                if (block.fd() >= 0) {
                    Fds.close(block.fd());
                }
            }
        }
    }
}
