package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.vmm.chardev.ChardevConfig;
import dev.cprkit.vmm.chardev.ChardevOptions;
import dev.cprkit.vmm.chardev.Chardevs;
import dev.cprkit.vmm.chardev.LoopThread;
import dev.cprkit.vmm.chardev.Peer;
import dev.cprkit.vmm.chardev.SocketTarget;
import dev.cprkit.vmm.monitor.MachineFacts;
import dev.cprkit.vmm.monitor.Version;
import dev.cprkit.vmm.monitor.hmp.HmpMonitor;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpShell;
import dev.cprkit.vmm.monitor.hmp.MachineHmp;
import dev.cprkit.vmm.monitor.hmp.RunHmp;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
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
    private final Chardevs chardevs;
    private final QmpServer server;
    private final HmpShell shell;
    private final Path folder;
    public final DescriptorCommands descriptors;

    public MonitorFixture(Path folder) throws Exception {
        this.folder = folder;
        chardevs = new Chardevs(loop.loop(), () -> {});
        InstantSource time = InstantSource.fixed(Instant.ofEpochSecond(7, 8_000));
        server = new QmpServer(registry, version, loop.loop(), time);
        machine = new FakeMachine(loop.loop(), server);
        MachineFacts facts = new MachineFacts(
                Optional.of("vm"),
                "01234567-89ab-cdef-0123-456789abcdef",
                64 << 20,
                List.of(new MachineFacts.MemoryBackend(Optional.of("ram0"), 64 << 20, true, true, true, false, true)),
                List.of(new MachineFacts.Cpu(0, "rv64", () -> 42)));
        shell = new HmpShell(humanRegistry);
        new RunHmp(machine).register(humanRegistry);
        new MachineHmp(facts, chardevs, version).register(humanRegistry);
        new SessionCommands(registry, version).register();
        new RunCommands(machine).register(registry);
        new MachineCommands(facts).register(registry);
        new TypeCommands(List.of()).register(registry);
        new ChardevCommands(chardevs).register(registry);
        descriptors = new DescriptorCommands(server);
        descriptors.register(registry);
        new HumanCommands(shell, 1).register(registry);
    }

    /** A client of a new QMP monitor; it has not read the greeting yet. */
    public Peer qmp(String id, boolean pretty) throws Exception {
        open(id, ChardevOptions.NONE, () -> {
            server.open(chardevs.claim(id), pretty);
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
                return true;
            });
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            loop.close();
        }
    }
}
