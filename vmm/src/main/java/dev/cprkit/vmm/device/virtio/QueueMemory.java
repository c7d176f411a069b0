package dev.cprkit.vmm.device.virtio;

import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.HostMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Guest memory as a virtio device sees it: little-endian numbers at naturally aligned addresses of RAM. Everything else
 * is the driver's mistake. Called with the machine lock held; the vCPUs access the same memory meanwhile, so the caller
 * puts fences where the specification asks for barriers.
 */
final class QueueMemory {
    private final GuestMemory memory;
    private final ByteBuffer scratch = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);

    QueueMemory(GuestMemory memory) {
        this.memory = memory;
    }

    int u16(long address) throws VirtqueueException {
        return HostMemory.getShort(host(address, 2)) & 0xffff;
    }

    int u32(long address) throws VirtqueueException {
        return HostMemory.getInt(host(address, 4));
    }

    long u64(long address) throws VirtqueueException {
        return HostMemory.getLong(host(address, 8));
    }

    void putU16(long address, int value) throws VirtqueueException {
        scratch.putShort(0, (short) value);
        write(address, scratch.array(), 0, 2);
    }

    void putU64(long address, long value) throws VirtqueueException {
        scratch.putLong(0, value);
        write(address, scratch.array(), 0, 8);
    }

    /** Writes RAM, and only RAM: the loader's way into a ROM is not a device's. */
    void write(long address, byte[] bytes, int offset, int length) throws VirtqueueException {
        if (!(memory.find(address) instanceof GuestMemory.Ram ram)
                || !ram.writable()
                || !memory.write(address, bytes, offset, length)) {
            throw outside(address, length);
        }
    }

    private long host(long address, int length) throws VirtqueueException {
        long host = memory.hostAddress(address, length);
        if (host == 0) {
            throw outside(address, length);
        }
        return host;
    }

    private static VirtqueueException outside(long address, int length) {
        return new VirtqueueException(
                length + " bytes at guest address 0x" + Long.toHexString(address) + " are not in RAM");
    }
}
