package dev.cprkit.vmm.os;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Files that stand for memory: memfd_create(2), shm_open(3), ftruncate(2), fstat(2) and the seals of fcntl(2). Threads:
 * any. A returned descriptor is close-on-exec and the caller's.
 */
public final class MemoryFiles {
    public static final int MFD_CLOEXEC = 1;
    public static final int MFD_ALLOW_SEALING = 2;
    public static final int MFD_HUGETLB = 4;
    public static final int F_SEAL_SEAL = 1;
    public static final int F_SEAL_SHRINK = 2;
    public static final int F_SEAL_GROW = 4;

    private static final int MFD_HUGE_SHIFT = 26;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_GET_SEALS = 1034;
    private static final int STAT_BYTES = 256;
    /** In struct stat, the same on x86-64 and arm64: st_dev, st_ino and st_size. */
    private static final int STAT_DEVICE_OFFSET = 0;

    private static final int STAT_INODE_OFFSET = 8;
    private static final int STAT_SIZE_OFFSET = 48;

    private static final int O_NOFOLLOW = 0x20000;
    private static final int SHM_ATTEMPTS = 100;

    private static final MethodHandle FTRUNCATE = CLibrary.link("ftruncate");
    private static final MethodHandle FSTAT = CLibrary.link("fstat");

    private MemoryFiles() {}

    /**
     * Which file a descriptor leads to, whatever its path.
     *
     * @param device the file system
     * @param inode the file in it
     */
    public record Identity(long device, long inode) {}

    /**
     * memfd_create(2), of size 0.
     *
     * @param name what /proc/PID/fd shows after {@code memfd:}; at most 249 bytes
     * @param sealing whether seals may be added
     */
    public static int memfd(String name, boolean sealing) throws ErrnoException {
        return memfd(name, MFD_CLOEXEC | (sealing ? MFD_ALLOW_SEALING : 0));
    }

    /**
     * memfd_create(2) of huge pages.
     *
     * @param pageSize the huge pages' size in bytes, a power of two; 0 for the host's default
     */
    public static int hugeMemfd(String name, boolean sealing, long pageSize) throws ErrnoException {
        int log2 = pageSize == 0 ? 0 : Long.numberOfTrailingZeros(pageSize);
        return memfd(name, MFD_CLOEXEC | MFD_HUGETLB | (log2 << MFD_HUGE_SHIFT) | (sealing ? MFD_ALLOW_SEALING : 0));
    }

    private static int memfd(String name, int flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            return CLibrary.callInt(
                    Memfd.CREATE, "memfd_create", arena.allocateFrom(name).address(), flags, 0, 0);
        }
    }

    /**
     * POSIX shared memory of size 0 whose name is removed before this returns. As shm_open(3) and shm_unlink(3) do on
     * Linux, this makes and removes a file in /dev/shm.
     */
    public static int unlinkedSharedMemory() throws ErrnoException {
        long pid = HostProcess.pid();
        for (int attempt = 0; ; attempt++) {
            String path = "/dev/shm/vmm-" + pid + "-" + Long.toHexString(System.nanoTime());
            try {
                int fd = Fds.open(path, Fds.O_RDWR | Fds.O_CREAT | Fds.O_EXCL | O_NOFOLLOW, 0600);
                unlink(path);
                return fd;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EEXIST || attempt == SHM_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** unlink(2). */
    public static void unlink(String path) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            CLibrary.callInt(Unlink.UNLINK, "unlink", arena.allocateFrom(path).address(), 0, 0, 0);
        }
    }

    /** Sets a file's size in bytes, ftruncate(2). */
    public static void resize(int fd, long size) throws ErrnoException {
        CLibrary.callInt(FTRUNCATE, "ftruncate", fd, size, 0, 0);
    }

    /** A file's size in bytes, fstat(2). */
    public static long size(int fd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            return stat(arena, fd).get(ValueLayout.JAVA_LONG, STAT_SIZE_OFFSET);
        }
    }

    /** Which file it is, fstat(2). */
    public static Identity identity(int fd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stat = stat(arena, fd);
            return new Identity(
                    stat.get(ValueLayout.JAVA_LONG, STAT_DEVICE_OFFSET),
                    stat.get(ValueLayout.JAVA_LONG, STAT_INODE_OFFSET));
        }
    }

    private static MemorySegment stat(Arena arena, int fd) throws ErrnoException {
        MemorySegment stat = arena.allocate(STAT_BYTES, 8);
        CLibrary.callInt(FSTAT, "fstat", fd, stat.address(), 0, 0);
        return stat;
    }

    /** Adds seals, fcntl(2) F_ADD_SEALS. */
    public static void seal(int fd, int seals) throws ErrnoException {
        CLibrary.callInt(Seals.FCNTL, "fcntl", fd, F_ADD_SEALS, seals, 0);
    }

    /** A file's seals, fcntl(2) F_GET_SEALS. */
    public static int seals(int fd) throws ErrnoException {
        return CLibrary.callInt(Seals.FCNTL, "fcntl", fd, F_GET_SEALS, 0, 0);
    }

    private static final class Memfd {
        static final MethodHandle CREATE = CLibrary.link("memfd_create");
    }

    private static final class Unlink {
        static final MethodHandle UNLINK = CLibrary.link("unlink");
    }

    private static final class Seals {
        static final MethodHandle FCNTL = CLibrary.link("fcntl");
    }
}
