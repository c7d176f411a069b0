package dev.cprkit.agent.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.NativeCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * Datagrams to a unix socket, which Java has not (unix(7), sendto(2)): how a service tells its manager how it is
 * (sd_notify(3)). Memory that is passed lives until the call has returned. Threads: any.
 */
public final class NotifySocket {
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int LONGEST_PATH = 107;

    private NotifySocket() {}

    /**
     * Sends one datagram, without waiting for a receiver that is busy.
     *
     * @param address a path, or a name in the abstract namespace with {@code @} in front
     */
    public static void send(String address, String text) throws IOException {
        byte[] name = address.getBytes(StandardCharsets.UTF_8);
        if (name.length > LONGEST_PATH) {
            throw new IOException("'" + address + "' is too long for a unix socket's address");
        }
        try (Arena arena = Arena.ofConfined()) {
            boolean isAbstract = address.startsWith("@");
            MemorySegment to = arena.allocate(2 + name.length + (isAbstract ? 0 : 1), 8);
            to.set(JAVA_SHORT, 0, (short) AF_UNIX);
            MemorySegment.copy(name, 0, to, JAVA_BYTE, 2, name.length);
            if (isAbstract) {
                to.set(JAVA_BYTE, 2, (byte) 0);
            }
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            MemorySegment data = arena.allocate(Math.max(1, bytes.length));
            MemorySegment.copy(bytes, 0, data, JAVA_BYTE, 0, bytes.length);
            int fd = (int) Socket.HANDLE.invokeExact(NativeCall.errnoSegment(), AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
            if (fd < 0) {
                throw new ErrnoException("socket", NativeCall.errno());
            }
            try {
                long sent = (long) SendTo.HANDLE.invokeExact(
                        NativeCall.errnoSegment(), fd, data, (long) bytes.length, MSG_NOSIGNAL | MSG_DONTWAIT, to, (int)
                                to.byteSize());
                if (sent < 0) {
                    throw new ErrnoException("sendto", NativeCall.errno());
                }
            } finally {
                Fds.close(fd);
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static final class Socket {
        static final MethodHandle HANDLE =
                NativeCall.linkErrno("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    }

    private static final class SendTo {
        static final MethodHandle HANDLE = NativeCall.linkErrno(
                "sendto", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    }
}
