package dev.cprkit.vmm.device;

import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.memory.HostMemory;
import dev.cprkit.vmm.memory.RamBlock;
import java.lang.foreign.Arena;

/** Guest memory with RAM at 0x80000000 and a ROM at 0x1000, on the test's heap of native memory. */
public final class TestRam implements AutoCloseable {
    public static final long START = 0x8000_0000L;
    public static final long ROM = 0x1000L;

    private final Arena arena = Arena.ofShared();
    private final GuestMemory memory = new GuestMemory();

    public TestRam(long size) {
        memory.addRam(START, block("ram", size));
        memory.addRom(ROM, block("rom", 0x1000));
    }

    private RamBlock block(String name, long size) {
        return new RamBlock(name, arena.allocate(size, 4096).address(), size, -1, false, false, "aux");
    }

    public GuestMemory memory() {
        return memory;
    }

    /** The host address of a guest address of this RAM. */
    public long host(long address) {
        return memory.hostAddress(address, 1);
    }

    public long u64(long address) {
        return HostMemory.getLong(host(address));
    }

    public int u32(long address) {
        return HostMemory.getInt(host(address));
    }

    public int u16(long address) {
        return HostMemory.getShort(host(address)) & 0xffff;
    }

    @Override
    public void close() {
        arena.close();
    }
}
