package dev.cprkit.vmm.memory;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.vmm.os.Mappings;

/**
 * Maps guest memory at an address that huge pages can start at, and does to it what the backend's options say.
 * Stateless; any thread.
 */
final class RamMapping {
    /** Where a transparent huge page can start, on x86-64 and on arm64 with 4 KiB pages. */
    private static final long HUGE_PAGE = 2L << 20;

    private RamMapping() {}

    /**
     * What to map.
     *
     * @param fd the file, or -1 for anonymous memory
     * @param offset in the file, in bytes
     * @param size in bytes
     * @param align a power of two in bytes, at least the page size; 0 for a default
     * @param shared whether stores reach the file
     * @param writable whether anybody may store
     * @param reserve whether the kernel has to have room for all of it now
     */
    record Request(int fd, long offset, long size, long align, boolean shared, boolean writable, boolean reserve) {}

    /** Maps; returns the host address. */
    static long map(Request request) throws ErrnoException {
        long size = request.size();
        long align = request.align() != 0 ? request.align() : Math.min(HUGE_PAGE, Long.highestOneBit(size));
        align = Math.max(align, Mappings.pageSize());
        if (size > Long.MAX_VALUE - align) {
            throw new ErrnoException("mmap", Errno.ENOMEM);
        }
        // The kernel promises page alignment only: reserve more address space than needed, and cut off the ends.
        long reserved = size + align;
        int nothing = Mappings.MAP_PRIVATE | Mappings.MAP_ANONYMOUS | Mappings.MAP_NORESERVE;
        long start = Mappings.map(0, reserved, Mappings.PROT_NONE, nothing, -1, 0);
        long address = (start + align - 1) & -align;
        Mappings.map(
                address,
                size,
                protection(request),
                flags(request) | Mappings.MAP_FIXED,
                request.fd(),
                request.offset());
        if (address > start) {
            Mappings.unmap(start, address - start);
        }
        // What is left behind the end stays without access: a page, at least, between this block and whatever follows.
        long end = address + roundUp(size, Mappings.pageSize());
        long guardEnd = end + Mappings.pageSize();
        if (guardEnd < start + reserved) {
            Mappings.unmap(guardEnd, start + reserved - guardEnd);
        }
        return address;
    }

    private static int protection(Request request) {
        return Mappings.PROT_READ | (request.writable() ? Mappings.PROT_WRITE : 0);
    }

    private static int flags(Request request) throws ErrnoException {
        if (request.shared()) {
            return Mappings.MAP_SHARED;
        }
        int flags = Mappings.MAP_PRIVATE | (request.fd() < 0 ? Mappings.MAP_ANONYMOUS : 0);
        return request.reserve() && canReserve(request, flags) ? flags : flags | Mappings.MAP_NORESERVE;
    }

    /**
     * Whether the kernel would set aside swap for all of it. Where it would not, the guest is given more RAM than the
     * host has, which is fine as long as it does not use it. Tried apart, since a failed MAP_FIXED leaves a hole that
     * another thread's memory may fall into.
     */
    private static boolean canReserve(Request request, int flags) throws ErrnoException {
        try {
            long probe = Mappings.map(0, request.size(), protection(request), flags, request.fd(), request.offset());
            Mappings.unmap(probe, request.size());
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOMEM) {
                return false;
            }
            throw e;
        }
    }

    /** Does what the options ask of the mapping; only preallocation can fail. */
    static void advise(long address, BackendOptions options) throws MemoryException {
        if (options.merge()) {
            tryAdvise(address, options.size(), Mappings.MADV_MERGEABLE);
        }
        if (!options.dump()) {
            tryAdvise(address, options.size(), Mappings.MADV_DONTDUMP);
        }
        if (options.prealloc()) {
            try {
                Mappings.advise(address, options.size(), Mappings.MADV_POPULATE_WRITE);
            } catch (ErrnoException e) {
                String reason = e.errno() == Errno.EINVAL ? "the kernel is older than Linux 5.14" : e.text();
                throw new MemoryException("preallocating memory of '" + options.id() + "' failed: " + reason, e);
            }
        }
    }

    /** Advice that a kernel may have been built without: then there is nothing to merge, or no dump to keep it from. */
    static void tryAdvise(long address, long size, int advice) {
        try {
            Mappings.advise(address, size, advice);
        } catch (ErrnoException e) {
            // The guest runs as well without it.
        }
    }

    static long roundUp(long value, long multiple) {
        return (value + multiple - 1) / multiple * multiple;
    }
}
