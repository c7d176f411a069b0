package dev.cprkit.vmm.device.virtio;

import dev.cprkit.vmm.device.Device;
import dev.cprkit.vmm.device.IrqLine;
import dev.cprkit.vmm.machine.fdt.FdtNode;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.MmioRegion;
import dev.cprkit.vmm.state.Field;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.VmState;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory-mapped virtio transport (virtio 1.2, sections 4.2.2 and 4.2.4), in either version: 1, which drivers call
 * legacy and QEMU's boards show unless told otherwise, or 2.
 *
 * <p>A mistake of the driver in a queue stops the device until it is reset, and the status register says so
 * (DEVICE_NEEDS_RESET). Called with the machine lock held.
 */
public final class VirtioMmio implements Device, MmioRegion {
    /** Bytes of registers. */
    public static final long SIZE = 0x200L;

    private static final long NODE_SIZE = 0x1000L;

    private static final int STATUS_DRIVER_OK = 4;
    private static final int STATUS_FEATURES_OK = 8;
    private static final int STATUS_NEEDS_RESET = 0x40;

    private static final int ISR_QUEUE = 1;
    private static final int ISR_CONFIG = 2;

    private static final long NOTIFY_ON_EMPTY = 1L << 24;
    private static final long ANY_LAYOUT = 1L << 27;
    private static final long INDIRECT = 1L << 28;
    private static final long EVENT_INDEX = 1L << 29;
    private static final long VERSION_1 = 1L << 32;

    /** Queues in the arrays of QEMU's stream, whatever a device has. */
    private static final int STREAM_QUEUES = 1024;

    /** What only version 2 has. */
    private static final VmState<VirtioMmio> MODERN = VmState.<VirtioMmio>of("virtio_mmio", 1)
            .subsection(VmState.<VirtioMmio>of("virtio_mmio/state", 1)
                    .u32("guest_features[0]", m -> Virtqueue.low(m.accepted), (m, v) -> {})
                    .u32("guest_features[1]", m -> m.accepted >>> 32, (m, v) -> {})
                    .structs("vqs", Virtqueue.REGISTERS, m -> m.streamQueues)
                    .build())
            .build();

    private final IrqLine irq;
    private final VirtioDevice device;
    private final long address;
    private final boolean legacy;
    private final long offered;
    private final List<Virtqueue> queues = new ArrayList<>();
    /** {@link #queues} and one that nobody uses, over and over. */
    private final List<Virtqueue> streamQueues = new ArrayList<>();

    private int deviceFeaturesSelector;
    private int driverFeaturesSelector;
    private int pageShift;
    private int status;
    private int interrupts;
    private int selected;
    private long accepted;
    /** The driver has made a mistake; nothing is processed until it resets the device. */
    private boolean broken;

    private final VmState<VirtioMmio> state;

    /**
     * @param address where the registers are, which names the section in the stream
     * @param legacy whether to show version 1
     */
    public VirtioMmio(long address, boolean legacy, IrqLine irq, GuestMemory memory, VirtioDevice device) {
        this.address = address;
        this.legacy = legacy;
        this.irq = irq;
        this.device = device;
        this.offered = device.features() | INDIRECT | EVENT_INDEX | (legacy ? NOTIFY_ON_EMPTY | ANY_LAYOUT : VERSION_1);
        for (int maximum : device.queueSizes()) {
            queues.add(new Virtqueue(queues.size(), maximum, memory, () -> raise(ISR_QUEUE)));
        }
        streamQueues.addAll(queues);
        Virtqueue absent = new Virtqueue(queues.size(), 0, memory, () -> {});
        while (streamQueues.size() < STREAM_QUEUES) {
            streamQueues.add(absent);
        }
        this.state = declareState();
        device.plug(number -> process(queues.get(number)));
    }

    @Override
    public long read(long offset, int size) {
        if (size != 4 || offset >= VirtioRegisters.CONFIG) {
            return 0; // no device here has a configuration space
        }
        int value =
                switch ((int) offset) {
                    case VirtioRegisters.MAGIC -> VirtioRegisters.MAGIC_VALUE;
                    case VirtioRegisters.VERSION -> legacy ? 1 : 2;
                    case VirtioRegisters.DEVICE_ID -> device.id();
                    case VirtioRegisters.VENDOR_ID -> VirtioRegisters.VENDOR_VALUE;
                    case VirtioRegisters.DEVICE_FEATURES -> deviceFeatures();
                    case VirtioRegisters.QUEUE_NUM_MAX -> selected < queues.size() ? queue().maximum : 0;
                    case VirtioRegisters.QUEUE_PFN -> legacy ? (int) (queue().descriptors >>> pageShift) : 0;
                    case VirtioRegisters.QUEUE_READY -> !legacy && queue().ready ? 1 : 0;
                    case VirtioRegisters.INTERRUPT_STATUS -> interrupts;
                    case VirtioRegisters.STATUS -> status;
                    // A region of shared memory that does not exist is as long as can be (section 4.2.2).
                    case VirtioRegisters.SHM_LENGTH_LOW, VirtioRegisters.SHM_LENGTH_HIGH -> legacy ? 0 : -1;
                    case VirtioRegisters.SHM_BASE_LOW, VirtioRegisters.SHM_BASE_HIGH -> legacy ? 0 : -1;
                    default -> 0;
                };
        return Integer.toUnsignedLong(value);
    }

    private int deviceFeatures() {
        return switch (deviceFeaturesSelector) {
            case 0 -> (int) offered;
            case 1 -> (int) (offered >>> 32);
            default -> 0;
        };
    }

    /** The selected queue, or one that takes anything and does nothing. */
    private Virtqueue queue() {
        return streamQueues.get(Math.min(selected, queues.size()));
    }

    @Override
    public void write(long offset, int size, long value) {
        if (size != 4) {
            return;
        }
        int number = (int) value;
        switch ((int) offset) {
            case VirtioRegisters.DEVICE_FEATURES_SEL -> deviceFeaturesSelector = number;
            case VirtioRegisters.DRIVER_FEATURES_SEL -> driverFeaturesSelector = number;
            case VirtioRegisters.DRIVER_FEATURES -> acceptFeatures(value);
            case VirtioRegisters.QUEUE_SEL -> {
                if (number >= 0 && number < STREAM_QUEUES) {
                    selected = number;
                }
            }
            case VirtioRegisters.QUEUE_NOTIFY -> {
                if (number >= 0 && number < queues.size()) {
                    process(queues.get(number));
                }
            }
            case VirtioRegisters.INTERRUPT_ACK -> {
                interrupts &= ~number;
                irq.set(interrupts != 0);
            }
            case VirtioRegisters.STATUS -> writeStatus(number & 0xff);
            case VirtioRegisters.GUEST_PAGE_SIZE -> pageShift = Integer.numberOfTrailingZeros(number) & 31;
            default -> {
                if (selected < queues.size()) {
                    if (legacy) {
                        writeLegacyQueue((int) offset, value);
                    } else {
                        writeQueue((int) offset, value);
                    }
                }
            }
        }
    }

    private void acceptFeatures(long value) {
        if ((status & STATUS_FEATURES_OK) != 0) {
            return;
        }
        if (driverFeaturesSelector == 0) {
            accepted = Virtqueue.withLow(accepted, value & offered);
        } else if (driverFeaturesSelector == 1) {
            accepted = Virtqueue.withHigh(accepted, value & (offered >>> 32));
        }
        ringFeatures();
    }

    private void ringFeatures() {
        for (Virtqueue queue : queues) {
            queue.eventIndex = (accepted & EVENT_INDEX) != 0;
            queue.notifyOnEmpty = (accepted & NOTIFY_ON_EMPTY) != 0;
        }
    }

    private void writeStatus(int value) {
        if (value == 0) {
            reset();
            return;
        }
        boolean started = (value & ~status & STATUS_DRIVER_OK) != 0;
        int wanted = value | (status & STATUS_NEEDS_RESET);
        // A version 2 device works only with drivers that know virtio 1 (section 2.2.2 of the specification).
        boolean acceptable = legacy || (accepted & VERSION_1) != 0;
        status = acceptable ? wanted : wanted & ~STATUS_FEATURES_OK;
        if (started) {
            for (Virtqueue queue : queues) {
                process(queue);
            }
        }
    }

    private void writeLegacyQueue(int offset, long value) {
        Virtqueue queue = queue();
        switch (offset) {
            case VirtioRegisters.QUEUE_NUM -> resize(queue, value);
            case VirtioRegisters.QUEUE_ALIGN -> {
                if (value > 0 && value <= 1 << 20 && Long.bitCount(value) == 1) {
                    queue.align = (int) value;
                }
            }
            case VirtioRegisters.QUEUE_PFN -> queue.placeLegacy(Virtqueue.low(value) << pageShift);
            default -> {}
        }
    }

    private void writeQueue(int offset, long value) {
        Virtqueue queue = queue();
        if (offset == VirtioRegisters.QUEUE_READY) {
            queue.ready = (value & 1) != 0;
            return;
        }
        if (queue.ready) {
            return; // the driver must not move a queue that is in use (section 4.2.2.2)
        }
        switch (offset) {
            case VirtioRegisters.QUEUE_NUM -> resize(queue, value);
            case VirtioRegisters.QUEUE_DESC_LOW -> queue.descriptors = Virtqueue.withLow(queue.descriptors, value);
            case VirtioRegisters.QUEUE_DESC_HIGH -> queue.descriptors = Virtqueue.withHigh(queue.descriptors, value);
            case VirtioRegisters.QUEUE_DRIVER_LOW -> queue.available = Virtqueue.withLow(queue.available, value);
            case VirtioRegisters.QUEUE_DRIVER_HIGH -> queue.available = Virtqueue.withHigh(queue.available, value);
            case VirtioRegisters.QUEUE_DEVICE_LOW -> queue.used = Virtqueue.withLow(queue.used, value);
            case VirtioRegisters.QUEUE_DEVICE_HIGH -> queue.used = Virtqueue.withHigh(queue.used, value);
            default -> {}
        }
    }

    private static void resize(Virtqueue queue, long value) {
        long size = Virtqueue.low(value);
        if (size > 0 && size <= queue.maximum && Long.bitCount(size) == 1) {
            queue.size = (int) size;
        }
    }

    private void process(Virtqueue queue) {
        if (broken || !queue.ready || (status & STATUS_DRIVER_OK) == 0) {
            return;
        }
        try {
            device.process(queue);
        } catch (VirtqueueException e) {
            broken = true;
            status |= STATUS_NEEDS_RESET;
            raise(ISR_CONFIG);
        }
    }

    private void raise(int cause) {
        interrupts |= cause;
        irq.set(true);
    }

    @Override
    public void reset() {
        deviceFeaturesSelector = 0;
        driverFeaturesSelector = 0;
        pageShift = 0;
        status = 0;
        interrupts = 0;
        selected = 0;
        accepted = 0;
        broken = false;
        for (Virtqueue queue : queues) {
            queue.reset();
        }
        irq.set(false);
    }

    /** QEMU's layout (idstr, fields and subsections), so that a stream of one reads like a stream of the other. */
    private VmState<VirtioMmio> declareState() {
        VmState<VirtioMmio> transport = VmState.<VirtioMmio>of("virtio", 1)
                .u32("host_features_sel", m -> m.deviceFeaturesSelector, (m, v) -> m.deviceFeaturesSelector = (int) v)
                .u32("guest_features_sel", m -> m.driverFeaturesSelector, (m, v) -> m.driverFeaturesSelector = (int) v)
                .u32("guest_page_shift", m -> m.pageShift, (m, v) -> m.pageShift = (int) v)
                .u8("status", m -> m.status, (m, v) -> m.status = (int) v)
                .u8("isr", m -> m.interrupts, (m, v) -> m.interrupts = (int) v)
                .u16("queue_sel", m -> m.selected, (m, v) -> m.selected = (int) v)
                .u32("guest_features", m -> Virtqueue.low(m.accepted), (m, v) -> m.accepted = v)
                .equal("config_len", Field.Kind.U32, m -> 0, "this device has no configuration space")
                .equal("num_queues", Field.Kind.U32, m -> m.queues.size(), "both sides need the same device")
                .structs("vq", Virtqueue.RING, m -> m.queues)
                .subsection(VmState.<VirtioMmio>of("virtio/64bit_features", 1)
                        .u64("guest_features", m -> m.accepted, (m, v) -> m.accepted = v)
                        .build())
                .subsection(VmState.<VirtioMmio>of("virtio/virtqueues", 1)
                        .structs("vq", Virtqueue.ADDRESSES, m -> m.streamQueues)
                        .needed(m -> !m.legacy)
                        .build())
                .subsection(VmState.<VirtioMmio>of("virtio/broken", 1)
                        .bool("broken", m -> m.broken, (m, v) -> m.broken = v)
                        .needed(m -> m.broken)
                        .build())
                .subsection(VmState.<VirtioMmio>of("virtio/extra_state", 1)
                        .struct("extra_state", MODERN, m -> m)
                        .needed(m -> !m.legacy)
                        .build())
                .subsection(VmState.<VirtioMmio>of("virtio/started", 1)
                        .bool("started", VirtioMmio::isStarted, (m, v) -> {})
                        .needed(VirtioMmio::isStarted)
                        .build())
                .preLoad(m -> m.broken = false)
                .postLoad((m, version) -> m.loaded())
                .build();
        return VmState.<VirtioMmio>of(device.stateName(), 1)
                .struct("virtio", transport, m -> m)
                .build();
    }

    private boolean isStarted() {
        return (status & STATUS_DRIVER_OK) != 0;
    }

    private void loaded() throws StateException {
        if (pageShift < 0 || pageShift > 31 || selected >= STREAM_QUEUES) {
            throw new StateException("the registers of " + name() + " hold values that they cannot hold");
        }
        ringFeatures();
        for (Virtqueue queue : queues) {
            if (queue.size <= 0 || queue.size > queue.maximum || queue.align <= 0) {
                throw new StateException("queue " + queue.number() + " of " + name() + " has " + queue.size
                        + " entries, but may have 1 to " + queue.maximum);
            }
            if (legacy) {
                queue.placeLegacy(queue.descriptors);
            }
            queue.resume();
        }
        irq.set(interrupts != 0);
    }

    private String path() {
        String digits = Long.toHexString(address);
        return "virtio-mmio@" + "0".repeat(16 - digits.length()) + digits;
    }

    private String name() {
        return path() + "/" + device.stateName();
    }

    @Override
    public List<Section<?>> sections() {
        return List.of(Section.at(path(), state, this));
    }

    /** Adds a slot's node, whether or not there is a device in it. */
    public static void describe(FdtNode parent, long address, int source, int interruptParent) {
        parent.child("virtio_mmio@" + Long.toHexString(address))
                .cells("interrupts", source)
                .cells("interrupt-parent", interruptParent)
                .reg(address, NODE_SIZE)
                .strings("compatible", "virtio,mmio");
    }
}
