package dev.cprkit.proto.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Waits for one descriptor with a time limit (ppoll(2)). Threads: any; blocks the calling platform thread. */
public final class FdWait {
    private static final MethodHandle PPOLL =
            NativeCall.linkErrno("ppoll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));

    private FdWait() {}

    /** Whether there is something to read, or the peer has ended, before {@link System#nanoTime} reaches the deadline. */
    public static boolean readable(int fd, long deadline) throws ErrnoException {
        return await(fd, Poll.POLLIN, deadline);
    }

    /** Whether there is room to write, or the peer is gone, before {@link System#nanoTime} reaches the deadline. */
    public static boolean writable(int fd, long deadline) throws ErrnoException {
        return await(fd, Poll.POLLOUT, deadline);
    }

    private static boolean await(int fd, int events, long deadline) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(8, 8); // struct pollfd: fd 0, events 4, revents 6
            MemorySegment limit = arena.allocate(16, 8);
            set.set(JAVA_INT, 0, fd);
            set.set(JAVA_SHORT, 4, (short) events);
            for (; ; ) {
                long left = Math.max(0, deadline - System.nanoTime());
                limit.set(JAVA_LONG, 0, left / 1_000_000_000L);
                limit.set(JAVA_LONG, 8, left % 1_000_000_000L);
                int n = (int) PPOLL.invokeExact(NativeCall.errnoSegment(), set, 1L, limit, MemorySegment.NULL);
                if (n > 0) {
                    return true;
                }
                if (n == 0) {
                    return false;
                }
                int errno = NativeCall.errno();
                if (errno != Errno.EINTR) {
                    throw new ErrnoException("ppoll", errno);
                }
            }
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }
}
