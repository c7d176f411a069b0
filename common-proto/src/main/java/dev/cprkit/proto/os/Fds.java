package dev.cprkit.proto.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Calls on file descriptors, as plain numbers: read(2), write(2), close(2), fcntl(2), dup(2), open(2), pipe2(2).
 *
 * <p>All retry on EINTR where POSIX says that is safe. Threads: any. The memory a call is given lives in a confined
 * arena that is closed after the call returns.
 */
public final class Fds {
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    /** The bits that say whether a file is open for reading, writing or both. */
    public static final int O_ACCMODE = 3;

    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_TRUNC = 0x200;
    public static final int O_APPEND = 0x400;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;

    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int F_GETFD = 1;
    private static final int F_SETFD = 2;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int FD_CLOEXEC = 1;

    private static final MethodHandle READ =
            NativeCall.linkErrno("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle WRITE =
            NativeCall.linkErrno("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle CLOSE = NativeCall.linkErrno("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private Fds() {}

    /** Reads up to {@code length} bytes into {@code buffer}; returns the count, 0 at the end, -1 if it would block. */
    public static int read(int fd, byte[] buffer, int offset, int length) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Math.max(1, length));
            for (; ; ) {
                long n = (long) READ.invokeExact(NativeCall.errnoSegment(), fd, memory, (long) length);
                if (n >= 0) {
                    MemorySegment.copy(memory, JAVA_BYTE, 0, buffer, offset, (int) n);
                    return (int) n;
                }
                if (NativeCall.wouldBlock("read")) {
                    return -1;
                }
            }
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /** Writes up to {@code length} bytes; returns the count written, or -1 if it would block. */
    public static int write(int fd, byte[] buffer, int offset, int length) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Math.max(1, length));
            MemorySegment.copy(buffer, offset, memory, JAVA_BYTE, 0, length);
            for (; ; ) {
                long n = (long) WRITE.invokeExact(NativeCall.errnoSegment(), fd, memory, (long) length);
                if (n >= 0) {
                    return (int) n;
                }
                if (NativeCall.wouldBlock("write")) {
                    return -1;
                }
            }
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /** Closes a descriptor. Linux releases it even when it reports an error, so there is nothing to retry. */
    public static void close(int fd) {
        try {
            int ignored = (int) CLOSE.invokeExact(NativeCall.errnoSegment(), fd);
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /** Opens a file with O_CLOEXEC added; {@code mode} counts only with {@link #O_CREAT}. */
    public static int open(String path, int flags, int mode) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) Open.HANDLE.invokeExact(
                    NativeCall.errnoSegment(), arena.allocateFrom(path), flags | O_CLOEXEC, mode);
            return NativeCall.check("open", fd);
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /** Duplicates a descriptor, close-on-exec set (fcntl(2), F_DUPFD_CLOEXEC). */
    public static int dup(int fd) throws ErrnoException {
        return fcntl(fd, F_DUPFD_CLOEXEC, 3);
    }

    /** Duplicates a descriptor to the lowest free number that is not below {@code least}; close-on-exec is set. */
    public static int dup(int fd, int least) throws ErrnoException {
        return fcntl(fd, F_DUPFD_CLOEXEC, least);
    }

    /** Makes a pipe, close-on-exec (pipe2(2)): the end to read from, then the end to write to. */
    public static int[] pipe() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(8, 4);
            int ignored = NativeCall.check(
                    "pipe2", (int) PipeCall.HANDLE.invokeExact(NativeCall.errnoSegment(), ends, O_CLOEXEC));
            return new int[] {ends.get(JAVA_INT, 0), ends.get(JAVA_INT, 4)};
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /** What the descriptor leads to, as /proc shows it: a path, {@code pipe:[…]}, {@code socket:[…]} (proc(5)). */
    public static String target(int fd) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
    }

    /** Whether the number names an open descriptor of this process. */
    public static boolean isOpen(int fd) {
        try {
            fcntl(fd, F_GETFD, 0);
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }

    /** How the open file was opened and what was set since: O_ACCMODE, O_APPEND, O_NONBLOCK (fcntl(2), F_GETFL). */
    public static int statusFlags(int fd) throws ErrnoException {
        return fcntl(fd, F_GETFL, 0);
    }

    /** Sets what of {@link #statusFlags} can be changed. It belongs to the open file, whoever else has it. */
    public static void setStatusFlags(int fd, int flags) throws ErrnoException {
        fcntl(fd, F_SETFL, flags);
    }

    /** Sets or clears close-on-exec, which belongs to the descriptor and not to the open file. */
    public static void setCloseOnExec(int fd, boolean on) throws ErrnoException {
        fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0);
    }

    /** Sets or clears O_NONBLOCK. It belongs to the open file: never call this on a descriptor shared with others. */
    public static void setNonBlocking(int fd, boolean on) throws ErrnoException {
        int flags = fcntl(fd, F_GETFL, 0);
        fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
    }

    private static int fcntl(int fd, int command, int argument) throws ErrnoException {
        try {
            return NativeCall.check(
                    "fcntl", (int) Fcntl.HANDLE.invokeExact(NativeCall.errnoSegment(), fd, command, argument));
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /** Linked at first use: most processes of the kit never open a file this way. */
    private static final class Open {
        static final MethodHandle HANDLE =
                NativeCall.linkVariadicErrno("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), 2);
    }

    private static final class PipeCall {
        static final MethodHandle HANDLE =
                NativeCall.linkErrno("pipe2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    }

    private static final class Fcntl {
        static final MethodHandle HANDLE =
                NativeCall.linkVariadicErrno("fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), 2);
    }
}
