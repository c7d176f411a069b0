package dev.cprkit.proto.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * Bytes over a socket and the descriptors that go with them (sendmsg(2), recvmsg(2), cmsg(3)).
 *
 * <p>Received descriptors are close-on-exec and the caller's. Threads: any.
 */
public final class SocketMessages {
    /** The most descriptors one message may carry (SCM_MAX_FD). */
    public static final int MAX_FDS = 253;

    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_PEEK = 2;
    private static final int MSG_CTRUNC = 8;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;

    private static final FunctionDescriptor MSG = FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);

    private SocketMessages() {}

    /** What one recvmsg(2) brought: the byte count (0 at the end of the stream, -1 if it would block) and descriptors. */
    public record Received(int count, int[] fds) {}

    /** Sends bytes and, attached to the first of them, descriptors; at least one byte, at most {@link #MAX_FDS}. */
    public static int send(int fd, byte[] bytes, int offset, int length, int... fds) throws ErrnoException {
        return send(fd, bytes, offset, length, 0, fds);
    }

    /** As {@link #send}, without ever blocking: -1 if the socket's buffer is full. */
    public static int trySend(int fd, byte[] bytes, int offset, int length, int... fds) throws ErrnoException {
        return send(fd, bytes, offset, length, MSG_DONTWAIT, fds);
    }

    private static int send(int fd, byte[] bytes, int offset, int length, int flags, int[] fds) throws ErrnoException {
        if (length < 1 || fds.length > MAX_FDS) {
            throw new IllegalArgumentException("a message has at least 1 byte and at most " + MAX_FDS + " descriptors");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(length);
            MemorySegment.copy(bytes, offset, data, JAVA_BYTE, 0, length);
            long control = fds.length == 0 ? 0 : controlSpace(fds.length);
            MemorySegment header = messageHeader(arena, data, control);
            if (fds.length > 0) {
                MemorySegment message = header.get(ADDRESS, 32).reinterpret(control);
                message.set(JAVA_LONG, 0, 16 + 4L * fds.length);
                message.set(JAVA_INT, 8, SOL_SOCKET);
                message.set(JAVA_INT, 12, SCM_RIGHTS);
                MemorySegment.copy(fds, 0, message, JAVA_INT, 16, fds.length);
            }
            for (; ; ) {
                long n = (long) SendMsg.HANDLE.invokeExact(NativeCall.errnoSegment(), fd, header, flags | MSG_NOSIGNAL);
                if (n >= 0) {
                    return (int) n;
                }
                if (NativeCall.wouldBlock("sendmsg")) {
                    return -1;
                }
            }
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /** Receives bytes and the descriptors that came with them, each close-on-exec and owned by the caller. */
    public static Received receive(int fd, byte[] buffer, int offset, int length) throws ErrnoException {
        return receive(fd, buffer, offset, length, 0);
    }

    /** Looks at the next bytes without taking them. Descriptors among them are not returned and stay queued. */
    public static int peek(int fd, byte[] buffer, int offset, int length) throws ErrnoException {
        Received received = receive(fd, buffer, offset, length, MSG_PEEK);
        for (int duplicate : received.fds()) {
            Fds.close(duplicate); // MSG_PEEK installs a second copy of each descriptor
        }
        return received.count();
    }

    private static Received receive(int fd, byte[] buffer, int offset, int length, int flags) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(Math.max(1, length));
            MemorySegment header = messageHeader(arena, data.asSlice(0, length), controlSpace(MAX_FDS));
            long n;
            while ((n = (long)
                            RecvMsg.HANDLE.invokeExact(NativeCall.errnoSegment(), fd, header, flags | MSG_CMSG_CLOEXEC))
                    < 0) {
                if (NativeCall.wouldBlock("recvmsg")) {
                    return new Received(-1, new int[0]);
                }
            }
            MemorySegment.copy(data, JAVA_BYTE, 0, buffer, offset, (int) n);
            int[] fds = descriptors(header);
            if ((header.get(JAVA_INT, 48) & MSG_CTRUNC) != 0) {
                for (int received : fds) {
                    Fds.close(received);
                }
                throw new ErrnoException("recvmsg: control data truncated", Errno.EINVAL);
            }
            return new Received((int) n, fds);
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static int[] descriptors(MemorySegment header) {
        long length = header.get(JAVA_LONG, 40);
        MemorySegment control = header.get(ADDRESS, 32).reinterpret(controlSpace(MAX_FDS));
        int[] fds = {};
        for (long at = 0; at + 16 <= length; ) {
            long size = control.get(JAVA_LONG, at);
            if (size < 16) {
                break;
            }
            if (control.get(JAVA_INT, at + 8) == SOL_SOCKET && control.get(JAVA_INT, at + 12) == SCM_RIGHTS) {
                int count = (int) (size - 16) / 4;
                int before = fds.length;
                fds = Arrays.copyOf(fds, before + count);
                MemorySegment.copy(control, JAVA_INT, at + 16, fds, before, count);
            }
            at += (size + 7) & ~7L;
        }
        return fds;
    }

    /** struct msghdr of 56 bytes: name 0, namelen 8, iov 16, iovlen 24, control 32, controllen 40, flags 48. */
    private static MemorySegment messageHeader(Arena arena, MemorySegment data, long control) {
        MemorySegment iov = arena.allocate(16, 8);
        iov.set(ADDRESS, 0, data);
        iov.set(JAVA_LONG, 8, data.byteSize());
        MemorySegment header = arena.allocate(56, 8);
        header.set(ADDRESS, 16, iov);
        header.set(JAVA_LONG, 24, 1L);
        header.set(ADDRESS, 32, control == 0 ? MemorySegment.NULL : arena.allocate(control, 8));
        header.set(JAVA_LONG, 40, control);
        return header;
    }

    private static long controlSpace(int fds) {
        return 16 + ((4L * fds + 7) & ~7L);
    }

    private static final class SendMsg {
        static final MethodHandle HANDLE = NativeCall.linkErrno("sendmsg", MSG);
    }

    private static final class RecvMsg {
        static final MethodHandle HANDLE = NativeCall.linkErrno("recvmsg", MSG);
    }
}
