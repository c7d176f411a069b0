package dev.cprkit.vmm.machine;

import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.device.watchdog.CmsdkWatchdog;
import dev.cprkit.vmm.machine.boot.ResetVector;
import dev.cprkit.vmm.machine.config.BoardConfig;
import dev.cprkit.vmm.machine.config.BootConfig;
import dev.cprkit.vmm.machine.config.CpuExtension;
import dev.cprkit.vmm.machine.config.Firmware;
import dev.cprkit.vmm.machine.config.MachineConfig;
import dev.cprkit.vmm.machine.config.VirtioRngConfig;
import dev.cprkit.vmm.machine.config.WatchdogConfig;
import dev.cprkit.vmm.machine.hotplug.DeviceBus;
import dev.cprkit.vmm.machine.hotplug.FixedBus;
import dev.cprkit.vmm.memory.RamAllocator;
import dev.cprkit.vmm.qom.QomException;
import dev.cprkit.vmm.qom.QomNode;
import dev.cprkit.vmm.qom.QomTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The machine as a tree of objects. What QEMU's virt board has too is where QEMU has it, so that a path that a client
 * knows leads to the same device; numbers of devices that this board lacks stay free.
 */
public final class ObjectTree {
    private static final String SYSTEM_BUS = "/machine/unattached/sysbus";
    private static final int FIRST_TRANSPORT = 4;
    /** The software interrupts and the timer. */
    private static final int HART_DEVICES = 2;

    private final MachineConfig config;
    private final Map<String, QomNode> unattached = new LinkedHashMap<>();
    private final Map<String, QomNode> peripheral = new LinkedHashMap<>();
    private final Map<String, QomNode> anonymous = new LinkedHashMap<>();
    private final List<QomTree.Slot> slots = new ArrayList<>();

    private ObjectTree(MachineConfig config) {
        this.config = config;
    }

    /**
     * The tree, made when somebody first looks at it.
     *
     * @param objects what users made, by id
     * @param chardevs the chardevs, by label
     */
    public static QomTree of(
            MachineConfig config, Supplier<Map<String, QomNode>> objects, Supplier<Map<String, QomNode>> chardevs) {
        return new QomTree(() -> content(config, objects, chardevs));
    }

    private static QomTree.Content content(
            MachineConfig config, Supplier<Map<String, QomNode>> objects, Supplier<Map<String, QomNode>> chardevs) {
        ObjectTree tree = new ObjectTree(config);
        QomNode harts = tree.harts();
        tree.devices();
        QomNode machine = tree.machine().child("soc0", harts);
        tree.container(machine, "unattached", tree.unattached);
        tree.container(machine, "peripheral", tree.peripheral);
        tree.container(machine, "peripheral-anon", tree.anonymous);
        QomNode root = new QomNode("container")
                .child("machine", machine)
                .child("objects", new QomNode("container").children(objects))
                .child("chardevs", new QomNode("container").children(chardevs));
        return new QomTree.Content(root, List.of(new QomTree.Bus("main-system-bus", "System", tree.slots.reversed())));
    }

    /** The buses that a client may name when it adds a device, the first to be filled first. */
    public static List<DeviceBus> buses(MachineConfig config) {
        List<DeviceBus> buses = new ArrayList<>();
        for (int slot = VirtBoard.VIRTIO_SLOTS - 1; slot >= 0; slot--) {
            Map<String, String> devices = new HashMap<>();
            boolean full = false;
            for (VirtioRngConfig device : config.devices()) {
                if (device.transport() == slot) {
                    full = true;
                    device.id().ifPresent(id -> devices.put(id, "/machine/peripheral/" + id));
                }
            }
            buses.add(new FixedBus("virtio-mmio-bus." + slot, "virtio-mmio-bus", "virtio-device", full, devices));
        }
        Map<String, String> onBoard = new HashMap<>();
        config.watchdog().flatMap(WatchdogConfig::id).ifPresent(id -> onBoard.put(id, "/machine/peripheral/" + id));
        buses.add(new FixedBus("main-system-bus", "System", "sys-bus-device", false, onBoard));
        return buses;
    }

    private void container(QomNode machine, String name, Map<String, QomNode> nodes) {
        QomNode container = new QomNode("container");
        nodes.forEach(container::child);
        machine.child(name, container);
    }

    private QomNode machine() {
        BoardConfig board = config.machine();
        BootConfig boot = config.boot();
        JsonObject smp = new JsonObject();
        for (String part : List.of("cpus", "drawers", "books", "sockets", "dies", "clusters", "modules", "cores")) {
            smp.put(part, 1);
        }
        smp.put("threads", 1).put("maxcpus", 1);
        QomNode machine = new QomNode(board.type() + "-machine")
                .put("kernel", path(boot.kernel()))
                .put("memory", new JsonObject().put("size", config.ramSize()))
                .put("initrd", path(boot.initrd()))
                .put("aux-ram-share", new JsonBool(board.auxRamShare()))
                .put("graphics", new JsonBool(true))
                .put("usb", new JsonBool(false))
                .put("firmware", new JsonString(firmware(boot.firmware())))
                .put("dump-guest-core", new JsonBool(board.dumpGuestCore()))
                .put("smp", smp)
                .put("dumpdtb", path(board.dumpDtb()))
                .put("suppress-vmdesc", new JsonBool(board.suppressVmdesc()))
                .put(
                        "memory-backend",
                        new JsonString("/objects/" + board.memoryBackend().orElse(RamAllocator.DEFAULT_RAM)))
                .put("mem-merge", new JsonBool(board.memMerge()))
                .put("dtb", path(boot.dtb()))
                .put("append", new JsonString(boot.append().orElse("")))
                .put("acpi", new JsonString("off"))
                .put("aia", new JsonString("none"))
                .put("aclint", new JsonBool(false));
        for (QomNode.Property property : machine.properties()) {
            if (property.type().equals("bool")) {
                fix(machine, property.name());
            }
        }
        return machine;
    }

    /** A flag that was read when the machine was built: it takes the value that it has, and no other. */
    private static void fix(QomNode node, String name) {
        node.onSet(name, value -> {
            if (!(value instanceof JsonBool)) {
                throw QomException.of("Invalid parameter type for '" + name + "', expected: boolean");
            }
            if (!node.value(name).orElseThrow().equals(value)) {
                throw QomException.of("Property '" + name + "' can no longer be set: the machine has been built");
            }
        });
    }

    private static JsonString path(Optional<Path> path) {
        return new JsonString(path.map(Path::toString).orElse(""));
    }

    private static String firmware(Firmware firmware) {
        return switch (firmware) {
            case Firmware.BuiltIn ignored -> "";
            case Firmware.None ignored -> "none";
            case Firmware.File(Path file) -> file.toString();
        };
    }

    private QomNode harts() {
        String type = config.cpu().model() + "-riscv-cpu";
        QomNode hart = device(type, "").put("start-powered-off", new JsonBool(false));
        for (CpuExtension extension : CpuExtension.values()) {
            hart.put(
                    extension.propertyName(),
                    new JsonBool(config.cpu().extensions().contains(extension)));
        }
        QomNode harts = device("riscv.hart_array", SYSTEM_BUS)
                .put("num-harts", JsonNumber.of(1))
                .put("hartid-base", JsonNumber.of(0))
                .put("cpu-type", new JsonString(type))
                .put("resetvec", JsonNumber.of(ResetVector.BASE))
                .child("harts[0]", hart);
        slots.add(new QomTree.Slot(harts, "", List.of()));
        return harts;
    }

    private void devices() {
        if (!config.qtest().drives()) {
            plug(0, device("riscv.aclint.swi", SYSTEM_BUS), List.of());
            plug(1, device("riscv.aclint.mtimer", SYSTEM_BUS), List.of());
        }
        plug(2, device("riscv.sifive.plic", SYSTEM_BUS), List.of());
        plug(3, device("riscv.sifive.test", SYSTEM_BUS), List.of());
        Map<Integer, VirtioRngConfig> plugged = new HashMap<>();
        for (VirtioRngConfig device : config.devices()) {
            plugged.put(device.transport(), device);
        }
        for (int slot = 0; slot < VirtBoard.VIRTIO_SLOTS; slot++) {
            transport(slot, Optional.ofNullable(plugged.get(slot)));
        }
        String chardev =
                config.serials().isEmpty() ? "" : config.serials().getFirst().orElse("");
        plug(
                14,
                device("serial-mm", SYSTEM_BUS)
                        .put("chardev", new JsonString(chardev))
                        .child("serial", device("serial", "").put("chardev", new JsonString(chardev))),
                List.of());
        plug(15, device("goldfish_rtc", SYSTEM_BUS), List.of());
        config.watchdog().ifPresent(this::watchdog);
        unattached.put("sysbus", new QomNode("System").put("realized", new JsonBool(true)));
    }

    private void watchdog(WatchdogConfig watchdog) {
        QomNode device = device(CmsdkWatchdog.MODEL, SYSTEM_BUS);
        String id = watchdog.id().orElse("");
        (id.isEmpty() ? anonymous : peripheral).put(id.isEmpty() ? "device[" + anonymous.size() + "]" : id, device);
        slots.add(new QomTree.Slot(device, id, List.of()));
    }

    private void transport(int slot, Optional<VirtioRngConfig> rng) {
        String name = name(FIRST_TRANSPORT + slot);
        String bus = "virtio-mmio-bus." + slot;
        QomNode transport = device("virtio-mmio", SYSTEM_BUS)
                .put("force-legacy", new JsonBool(config.machine().virtioLegacy()))
                .child(bus, new QomNode("virtio-mmio-bus").put("realized", new JsonBool(true)));
        List<QomTree.Slot> plugged = new ArrayList<>();
        if (rng.isPresent()) {
            plugged.add(rng(rng.get(), "/machine/unattached/" + name + "/" + bus));
        }
        plug(FIRST_TRANSPORT + slot, transport, List.of(new QomTree.Bus(bus, "virtio-mmio-bus", plugged)));
    }

    private QomTree.Slot rng(VirtioRngConfig rng, String bus) {
        String name = rng.id().orElse("device[" + anonymous.size() + "]");
        String path = "/machine/" + (rng.id().isPresent() ? "peripheral/" : "peripheral-anon/") + name;
        String source = rng.rng().map(id -> "/objects/" + id).orElse(path + "/default-backend");
        QomNode device = device("virtio-rng-device", bus)
                .put("rng", new JsonString(source))
                .put("period", JsonNumber.of(rng.periodMs()))
                .put("max-bytes", JsonNumber.of(rng.maxBytes()));
        if (rng.rng().isEmpty()) {
            device.child("default-backend", new QomNode("rng-builtin").put("opened", new JsonBool(true)));
        }
        for (String property : List.of("rng", "period", "max-bytes")) {
            device.onSet(property, value -> {
                throw QomException.of("Attempt to set property '" + property + "' on device '"
                        + rng.id().orElse("") + "' (type 'virtio-rng-device') after it was realized");
            });
        }
        (rng.id().isPresent() ? peripheral : anonymous).put(name, device);
        return new QomTree.Slot(device, rng.id().orElse(""), List.of());
    }

    private void plug(int number, QomNode device, List<QomTree.Bus> buses) {
        unattached.put(name(number), device);
        slots.add(new QomTree.Slot(device, "", buses));
    }

    /** Where nothing executes QEMU's board has no interrupts of the hart's own, and the rest of it moves up. */
    private String name(int number) {
        return "device[" + (config.qtest().drives() ? number - HART_DEVICES : number) + "]";
    }

    private static QomNode device(String type, String bus) {
        return new QomNode(type)
                .put("parent_bus", new JsonString(bus))
                .put("realized", new JsonBool(true))
                .put("hotplugged", new JsonBool(false))
                .put("hotpluggable", new JsonBool(false));
    }
}
