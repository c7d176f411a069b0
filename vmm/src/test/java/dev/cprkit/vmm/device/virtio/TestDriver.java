package dev.cprkit.vmm.device.virtio;

import dev.cprkit.vmm.device.TestRam;
import dev.cprkit.vmm.memory.HostMemory;

/** The driver's side of one queue of a virtio-mmio device, in either version, in a test's RAM. */
final class TestDriver {
    static final int NEXT = 1;
    static final int WRITE = 2;
    static final int INDIRECT = 4;
    static final int SIZE = 8;

    static final long DESCRIPTORS = TestRam.START + 0x10000;
    static final long AVAILABLE = DESCRIPTORS + 16 * SIZE;
    static final long USED = DESCRIPTORS + 0x1000;

    final VirtioMmio device;
    private final TestRam ram;

    TestDriver(VirtioMmio device, TestRam ram) {
        this.device = device;
        this.ram = ram;
    }

    long read(int register) {
        return device.read(register, 4);
    }

    void write(int register, long value) {
        device.write(register, 4, value);
    }

    /** Resets the device, accepts features, sets up queue 0 and starts. */
    void start(long features) {
        write(VirtioRegisters.STATUS, 0);
        write(VirtioRegisters.STATUS, 1);
        write(VirtioRegisters.STATUS, 3);
        write(VirtioRegisters.DRIVER_FEATURES_SEL, 1);
        write(VirtioRegisters.DRIVER_FEATURES, features >>> 32);
        write(VirtioRegisters.DRIVER_FEATURES_SEL, 0);
        write(VirtioRegisters.DRIVER_FEATURES, features & 0xffff_ffffL);
        boolean legacy = read(VirtioRegisters.VERSION) == 1;
        if (!legacy) {
            write(VirtioRegisters.STATUS, 0xb);
        }
        write(VirtioRegisters.QUEUE_SEL, 0);
        write(VirtioRegisters.QUEUE_NUM, SIZE);
        if (legacy) {
            write(VirtioRegisters.GUEST_PAGE_SIZE, 4096);
            write(VirtioRegisters.QUEUE_ALIGN, 4096);
            write(VirtioRegisters.QUEUE_PFN, DESCRIPTORS >> 12);
        } else {
            write(VirtioRegisters.QUEUE_DESC_LOW, DESCRIPTORS);
            write(VirtioRegisters.QUEUE_DRIVER_LOW, AVAILABLE);
            write(VirtioRegisters.QUEUE_DEVICE_LOW, USED);
            write(VirtioRegisters.QUEUE_READY, 1);
        }
        write(VirtioRegisters.STATUS, legacy ? 7 : 0xf);
    }

    void descriptor(long table, int number, long address, long length, int flags, int next) {
        long at = ram.host(table) + 16L * number;
        HostMemory.putLong(at, address);
        HostMemory.putInt(at + 8, (int) length);
        HostMemory.putShort(at + 12, (short) flags);
        HostMemory.putShort(at + 14, (short) next);
    }

    void descriptor(int number, long address, long length, int flags, int next) {
        descriptor(DESCRIPTORS, number, address, length, flags, next);
    }

    /** Makes a chain available without telling the device. */
    void offer(int head) {
        int index = ram.u16(AVAILABLE + 2);
        HostMemory.putShort(ram.host(AVAILABLE + 4 + 2L * (index % SIZE)), (short) head);
        HostMemory.putShort(ram.host(AVAILABLE + 2), (short) (index + 1));
    }

    void kick() {
        write(VirtioRegisters.QUEUE_NOTIFY, 0);
    }

    int usedIndex() {
        return ram.u16(USED + 2);
    }

    int usedId(int index) {
        return ram.u32(USED + 4 + 8L * (index % SIZE));
    }

    int usedLength(int index) {
        return ram.u32(USED + 8 + 8L * (index % SIZE));
    }

    long status() {
        return read(VirtioRegisters.STATUS);
    }
}
