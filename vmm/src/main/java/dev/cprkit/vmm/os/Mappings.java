package dev.cprkit.vmm.os;

import dev.cprkit.proto.os.ErrnoException;
import java.lang.invoke.MethodHandle;

/** Memory of this process: mmap(2), munmap(2), madvise(2), and the page size of sysconf(3). Threads: any. */
public final class Mappings {
    public static final int PROT_NONE = 0;
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int MAP_SHARED = 1;
    public static final int MAP_PRIVATE = 2;
    public static final int MAP_FIXED = 0x10;
    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MAP_NORESERVE = 0x4000;
    public static final int MADV_REMOVE = 9;
    public static final int MADV_MERGEABLE = 12;
    public static final int MADV_UNMERGEABLE = 13;
    public static final int MADV_HUGEPAGE = 14;
    public static final int MADV_DONTDUMP = 16;
    public static final int MADV_DODUMP = 17;
    public static final int MADV_POPULATE_WRITE = 23;

    private static final MethodHandle MMAP = CLibrary.link("mmap");
    private static final MethodHandle MUNMAP = CLibrary.link("munmap");

    private Mappings() {}

    /**
     * mmap(2).
     *
     * @param address where, page-aligned; 0 to let the kernel choose. With MAP_FIXED, what is mapped there is replaced
     * @param length in bytes, over 0
     * @param fd the file, or -1 with MAP_ANONYMOUS
     * @param offset in the file, in bytes, page-aligned
     * @return the address, page-aligned
     */
    public static long map(long address, long length, int protection, int flags, int fd, long offset)
            throws ErrnoException {
        return CLibrary.call(MMAP, "mmap", address, length, protection, flags, fd, offset);
    }

    /** munmap(2). Nothing may access the range afterwards: that would kill the process. */
    public static void unmap(long address, long length) throws ErrnoException {
        CLibrary.callInt(MUNMAP, "munmap", address, length, 0, 0);
    }

    /** madvise(2) with one of the MADV constants. */
    public static void advise(long address, long length, int advice) throws ErrnoException {
        CLibrary.callInt(Advise.MADVISE, "madvise", address, length, advice, 0);
    }

    /** The host's page size in bytes, sysconf(3) _SC_PAGESIZE. */
    public static long pageSize() {
        return PageSize.BYTES;
    }

    private static final class Advise {
        static final MethodHandle MADVISE = CLibrary.link("madvise");
    }

    private static final class PageSize {
        private static final int SC_PAGESIZE = 30;
        static final long BYTES = read();

        private static long read() {
            try {
                return CLibrary.call(CLibrary.link("sysconf"), "sysconf", SC_PAGESIZE, 0, 0, 0, 0, 0);
            } catch (ErrnoException e) {
                throw new IllegalStateException("the host does not tell its page size", e);
            }
        }
    }
}
