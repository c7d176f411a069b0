package dev.cprkit.vmm.machine;

import dev.cprkit.vmm.chardev.Chardev;
import dev.cprkit.vmm.chardev.ChardevException;
import dev.cprkit.vmm.chardev.Chardevs;
import dev.cprkit.vmm.cpu.StillVcpu;
import dev.cprkit.vmm.device.IrqWires;
import dev.cprkit.vmm.device.virtio.VirtioDevice;
import dev.cprkit.vmm.device.virtio.rng.HostEntropy;
import dev.cprkit.vmm.device.virtio.rng.VirtioRng;
import dev.cprkit.vmm.machine.boot.BootException;
import dev.cprkit.vmm.machine.config.MachineConfig;
import dev.cprkit.vmm.machine.config.RngConfig;
import dev.cprkit.vmm.machine.config.VirtioRngConfig;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.MemoryBackendConfig;
import dev.cprkit.vmm.memory.MemoryException;
import dev.cprkit.vmm.memory.RamAllocator;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.monitor.EventSink;
import dev.cprkit.vmm.monitor.GuestInspection;
import dev.cprkit.vmm.monitor.MachineFacts;
import dev.cprkit.vmm.run.MachineLock;
import dev.cprkit.vmm.run.MainLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Makes a machine from its description: guest memory, the board with its devices, and the machine around it. Main
 * thread, with the machine lock held.
 */
public final class MachineBuilder implements AutoCloseable {
    private static final String ROM = "riscv_virt_board.mrom";
    private static final String NO_CHARDEV = "null";

    private final MachineConfig config;
    private final MachineLock lock;
    private final MainLoop loop;
    private final RamAllocator allocator;
    private final List<HostEntropy> entropies = new ArrayList<>();
    private final BoardLoader loader;
    private final VirtBoard board;

    /**
     * Makes memory and board.
     *
     * @param allocator makes guest memory, or maps what the old process handed over
     * @throws MemoryException if guest memory cannot be had
     * @throws BootException if what the guest boots from is not there or does not fit
     * @throws ChardevException if the serial line's chardev is taken
     * @throws IOException if a source of entropy cannot be opened
     */
    public MachineBuilder(
            MachineConfig config, MachineLock lock, MainLoop loop, Chardevs chardevs, RamAllocator allocator)
            throws MemoryException, BootException, ChardevException, IOException {
        this.config = config;
        this.lock = lock;
        this.loop = loop;
        this.allocator = allocator;
        RamBlock ram = ram();
        RamBlock rom =
                allocator.auxiliary(ROM, VirtBoard.ROM_SIZE, config.machine().auxRamShare());
        loader = new BoardLoader(
                config.boot(), config.cpu(), ram.size(), config.watchdog().isPresent(), entropy(HostEntropy.DEFAULT));
        GuestMemory memory = new GuestMemory();
        board = new VirtBoard(
                new VirtBoard.Parts(
                        lock,
                        loop.vmClock(),
                        memory,
                        ram,
                        rom,
                        serial(chardevs),
                        virtio(),
                        config.machine().virtioLegacy(),
                        config.watchdog().isPresent(),
                        config.boot().firmware()),
                loader);
    }

    /** The machine's RAM: the backend that it names, or private memory. All backends are made, used or not. */
    private RamBlock ram() throws MemoryException {
        Optional<RamBlock> ram = Optional.empty();
        for (MemoryBackendConfig backend : config.backends()) {
            RamBlock block = allocator.backend(backend);
            if (config.machine().memoryBackend().filter(backend.id()::equals).isPresent()) {
                ram = Optional.of(block);
            }
        }
        return ram.isPresent() ? ram.get() : allocator.defaultRam(config.ramSize());
    }

    private Chardev serial(Chardevs chardevs) throws ChardevException {
        Optional<String> first =
                config.serials().isEmpty() ? Optional.empty() : config.serials().getFirst();
        return first.isPresent() ? chardevs.claim(first.get()) : chardevs.unconnected(NO_CHARDEV);
    }

    private Map<Integer, VirtioDevice> virtio() throws IOException {
        Map<Integer, VirtioDevice> slots = new HashMap<>();
        for (VirtioRngConfig rng : config.devices()) {
            slots.put(
                    rng.transport(),
                    new VirtioRng(entropy(source(rng)), loop.vmClock(), rng.maxBytes(), rng.periodMs()));
        }
        return slots;
    }

    private Path source(VirtioRngConfig device) {
        for (RngConfig rng : config.rngs()) {
            if (rng instanceof RngConfig.Random random
                    && device.rng().filter(random.id()::equals).isPresent()) {
                return random.filename();
            }
        }
        return HostEntropy.DEFAULT;
    }

    private HostEntropy entropy(Path path) throws IOException {
        HostEntropy entropy = new HostEntropy(path);
        entropies.add(entropy);
        return entropy;
    }

    /** The device tree as the guest would find it. */
    public byte[] deviceTree() {
        return board.deviceTree();
    }

    /** The board. */
    Board board() {
        return board;
    }

    /** The machine around the board, stopped and not yet reset. */
    public Machine machine(EventSink events, Consumer<String> complaints) {
        if (config.qtest().drives()) {
            loop.vmClock().moveByHand();
        }
        return new Machine(
                lock,
                loop,
                events,
                board,
                allocator::blocks,
                config.qtest().drives() ? new StillVcpu() : board.vcpu(),
                !config.process().startStopped(),
                config.process().actions(),
                complaints);
    }

    /** The guest as monitors look into it. */
    public GuestInspection inspection(Machine machine) {
        return new HartInspection(machine, board);
    }

    /** Guest memory and registers, for a test of the board. */
    public GuestMemory guestMemory() {
        return board.memory();
    }

    /** The interrupt controller's wires, for a test of the board. */
    public IrqWires irqWires() {
        return board.irqWires();
    }

    /** What monitors tell of the machine; {@code backends} are its memory backends at any time. */
    public MachineFacts facts(Machine machine, List<MachineFacts.MemoryBackend> backends) {
        return new MachineFacts(
                config.name().guest(),
                config.uuid().orElse(new UUID(0, 0)).toString(),
                config.ramSize(),
                backends,
                List.of(new MachineFacts.Cpu(0, config.cpu().model(), machine::vcpuThreadId)));
    }

    @Override
    public void close() throws IOException {
        loader.close();
        for (HostEntropy entropy : entropies) {
            entropy.close();
        }
    }
}
