package dev.cprkit.vmm.memory;

import java.util.ArrayList;
import java.util.List;

/**
 * The physical address space: which RAM block or device answers at an address. Built once by the board, before a vCPU
 * runs; after that it never changes, so any thread may look addresses up.
 *
 * <p>vCPUs cache host addresses of RAM in their TLBs and so bypass this class. A device that writes guest memory uses
 * {@link #write}, which tells the vCPUs so that they drop code decoded from there.
 */
public final class GuestMemory {
    /** Learns of guest memory written by someone other than the vCPU itself. Called by the writing thread. */
    @FunctionalInterface
    public interface WriteListener {
        void written(long guestAddress, long length);
    }

    /** Something at a range of physical addresses. */
    public sealed interface Range {
        long start();

        long size();

        /** Whether the address lies in the range. */
        default boolean contains(long guestAddress) {
            return Long.compareUnsigned(guestAddress - start(), size()) < 0;
        }
    }

    /** RAM, or ROM if not writable: a guest's store to it is lost. */
    public record Ram(long start, RamBlock block, boolean writable) implements Range {
        @Override
        public long size() {
            return block.size();
        }

        /** The host address behind a guest address of this range. */
        public long host(long guestAddress) {
            return block.hostAddress() + (guestAddress - start);
        }
    }

    /** A device's registers. */
    public record Mmio(long start, long size, String name, MmioRegion region) implements Range {}

    private final List<Range> ranges = new ArrayList<>();
    private final List<WriteListener> listeners = new ArrayList<>();
    private final DirtyLog dirtyLog = new DirtyLog();

    /** Puts RAM at an address. */
    public void addRam(long start, RamBlock block) {
        add(new Ram(start, block, true));
    }

    /** Puts read-only memory at an address. */
    public void addRom(long start, RamBlock block) {
        add(new Ram(start, block, false));
    }

    /** Puts a device's registers at an address. */
    public void addMmio(long start, long size, String name, MmioRegion region) {
        add(new Mmio(start, size, name, region));
    }

    /** Asks to be told of writes by devices. */
    public void onWrite(WriteListener listener) {
        listeners.add(listener);
    }

    /** Which pages are written, while a migration wants to know. */
    public DirtyLog dirtyLog() {
        return dirtyLog;
    }

    private void add(Range range) {
        for (Range other : ranges) {
            if (other.contains(range.start()) || range.contains(other.start())) {
                throw new IllegalArgumentException(range + " overlaps " + other);
            }
        }
        ranges.add(range);
    }

    /** What answers at an address, or null if nothing does. */
    public Range find(long guestAddress) {
        for (int i = 0; i < ranges.size(); i++) {
            Range range = ranges.get(i);
            if (range.contains(guestAddress)) {
                return range;
            }
        }
        return null;
    }

    /** All ranges, in the order they were added. */
    public List<Range> ranges() {
        return List.copyOf(ranges);
    }

    /** The host address of {@code length} bytes that lie in one RAM range, or 0 if they do not. */
    public long hostAddress(long guestAddress, long length) {
        if (find(guestAddress) instanceof Ram ram
                && length >= 0
                && Long.compareUnsigned(guestAddress - ram.start(), ram.size() - length) <= 0
                && length <= ram.size()) {
            return ram.host(guestAddress);
        }
        return 0;
    }

    /** A device reads guest RAM; false if the bytes are not all RAM. */
    public boolean read(long guestAddress, byte[] into, int offset, int length) {
        long host = hostAddress(guestAddress, length);
        if (host == 0) {
            return false;
        }
        HostMemory.read(host, into, offset, length);
        return true;
    }

    /**
     * A device, or the loader, writes guest RAM (or fills a ROM); false if the bytes are not all RAM. Called with the
     * machine lock held.
     */
    public boolean write(long guestAddress, byte[] from, int offset, int length) {
        long host = hostAddress(guestAddress, length);
        if (host == 0) {
            return false;
        }
        HostMemory.write(host, from, offset, length);
        if (dirtyLog.isOn() && length > 0 && find(guestAddress) instanceof Ram ram) {
            dirtyLog.mark(ram.block(), guestAddress - ram.start(), length);
        }
        for (int i = 0; i < listeners.size(); i++) {
            listeners.get(i).written(guestAddress, length);
        }
        return true;
    }
}
