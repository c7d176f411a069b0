package dev.cprkit.vmm.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.NativeCall;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * The addresses of sockets (getsockname(2), getpeername(2)) and their options (setsockopt(2), tcp(7)).
 *
 * <p>Threads: any. The memory given to the C library lives until the call has returned.
 */
public final class InetSockets {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_NODELAY = 1;
    private static final int MAX_ADDRESS = 128;

    private static final FunctionDescriptor NAME = FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);

    private InetSockets() {}

    /** The socket's own address; empty if it is not an inet socket. */
    public static Optional<InetSocketAddress> local(int fd) throws ErrnoException {
        return address("getsockname", Local.HANDLE, fd);
    }

    /** The address of the socket's peer; empty if it is not an inet socket. */
    public static Optional<InetSocketAddress> peer(int fd) throws ErrnoException {
        return address("getpeername", Peer.HANDLE, fd);
    }

    /** Sends small pieces at once, without waiting for more to send. */
    public static void noDelay(int fd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment on = arena.allocateFrom(JAVA_INT, 1);
            int result =
                    (int) Option.HANDLE.invokeExact(NativeCall.errnoSegment(), fd, IPPROTO_TCP, TCP_NODELAY, on, 4);
            if (result < 0) {
                throw new ErrnoException("setsockopt", NativeCall.errno());
            }
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static Optional<InetSocketAddress> address(String call, MethodHandle handle, int fd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(MAX_ADDRESS, 8);
            MemorySegment length = arena.allocateFrom(JAVA_INT, MAX_ADDRESS);
            int result = (int) handle.invokeExact(NativeCall.errnoSegment(), fd, address, length);
            if (result < 0) {
                throw new ErrnoException(call, NativeCall.errno());
            }
            return decode(address);
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static Optional<InetSocketAddress> decode(MemorySegment address) throws UnknownHostException {
        int family = address.get(JAVA_SHORT, 0);
        if (family != AF_INET && family != AF_INET6) {
            return Optional.empty();
        }
        int port = Short.toUnsignedInt(Short.reverseBytes(address.get(JAVA_SHORT, 2)));
        byte[] host = family == AF_INET
                ? address.asSlice(4, 4).toArray(JAVA_BYTE)
                : address.asSlice(8, 16).toArray(JAVA_BYTE);
        return Optional.of(new InetSocketAddress(InetAddress.getByAddress(host), port));
    }

    private static final class Local {
        static final MethodHandle HANDLE = NativeCall.linkErrno("getsockname", NAME);
    }

    private static final class Peer {
        static final MethodHandle HANDLE = NativeCall.linkErrno("getpeername", NAME);
    }

    private static final class Option {
        static final MethodHandle HANDLE = NativeCall.linkErrno(
                "setsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    }
}
