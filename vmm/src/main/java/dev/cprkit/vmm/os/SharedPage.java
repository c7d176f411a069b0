package dev.cprkit.vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.NativeCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * A page of memory that two processes map: a memfd (memfd_create(2)) sealed against any change of size (fcntl(2),
 * F_ADD_SEALS), so that neither side can take the memory from under the other. Owns the mapping and the descriptor.
 * Threads: any; do not use the address after {@link #close}.
 */
public final class SharedPage implements AutoCloseable {
    /** The bytes that may be used. */
    public static final int SIZE = 4096;

    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_GET_SEALS = 1034;
    private static final int F_SEAL_SEAL = 1;
    private static final int F_SEAL_SHRINK = 2;
    private static final int F_SEAL_GROW = 4;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;
    private static final int SEEK_END = 2;

    private static final MethodHandle MEMFD_CREATE =
            NativeCall.linkErrno("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle FTRUNCATE =
            NativeCall.linkErrno("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle LSEEK =
            NativeCall.linkErrno("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
    private static final MethodHandle FCNTL =
            NativeCall.linkVariadicErrno("fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), 2);
    private static final MethodHandle MMAP = NativeCall.linkErrno(
            "mmap", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP =
            NativeCall.linkErrno("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));

    private final int fd;
    private final long address;
    private boolean closed;

    private SharedPage(int fd, long address) {
        this.fd = fd;
        this.address = address;
    }

    /** A new page of zeros; {@code name} shows in {@code /proc/PID/fd}. */
    public static SharedPage create(String name) throws ErrnoException {
        int fd = memfd(name);
        try {
            check("ftruncate", truncate(fd));
            check("fcntl", fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL));
            return new SharedPage(fd, mmap(fd));
        } catch (ErrnoException e) {
            Fds.close(fd);
            throw e;
        }
    }

    /** Maps a page that another process made, and takes over the descriptor; closes it if it is not such a page. */
    public static SharedPage map(int fd) throws IOException {
        try {
            int seals = fcntl(fd, F_GET_SEALS, 0);
            if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 || size(fd) < SIZE) {
                throw new IOException("descriptor " + fd + " is not a sealed memfd of at least " + SIZE + " bytes");
            }
            return new SharedPage(fd, mmap(fd));
        } catch (IOException e) {
            Fds.close(fd);
            throw e;
        }
    }

    /** Where it is mapped. */
    public long address() {
        return address;
    }

    /** The descriptor to send; it stays this page's. */
    public int fd() {
        return fd;
    }

    /** Unmaps the page and closes the descriptor. The memory lives on while another process has it. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            int ignored = (int) MUNMAP.invokeExact(NativeCall.errnoSegment(), address, (long) SIZE);
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
        Fds.close(fd);
    }

    private static int memfd(String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) MEMFD_CREATE.invokeExact(
                    NativeCall.errnoSegment(), arena.allocateFrom(name), MFD_CLOEXEC | MFD_ALLOW_SEALING);
            return check("memfd_create", fd);
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static long mmap(int fd) throws ErrnoException {
        try {
            long at = (long)
                    MMAP.invokeExact(NativeCall.errnoSegment(), 0L, (long) SIZE, PROT_READ_WRITE, MAP_SHARED, fd, 0L);
            if (at == -1) {
                throw new ErrnoException("mmap", NativeCall.errno());
            }
            return at;
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static int truncate(int fd) {
        try {
            return (int) FTRUNCATE.invokeExact(NativeCall.errnoSegment(), fd, (long) SIZE);
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static long size(int fd) {
        try {
            return (long) LSEEK.invokeExact(NativeCall.errnoSegment(), fd, 0L, SEEK_END);
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static int fcntl(int fd, int command, int argument) {
        try {
            return (int) FCNTL.invokeExact(NativeCall.errnoSegment(), fd, command, argument);
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static int check(String call, int result) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(call, NativeCall.errno());
        }
        return result;
    }
}
