package dev.cprkit.proto.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/**
 * Stream sockets as plain descriptors (socket(7), unix(7)). What goes over them: {@link SocketMessages}.
 *
 * <p>Descriptors made here are close-on-exec and blocking. Threads: any.
 */
public final class Sockets {
    /** The longest path a unix socket address can hold, its NUL not counted (unix(7)). */
    public static final int MAX_UNIX_PATH = 107;

    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int SO_SNDTIMEO = 21;

    private static final FunctionDescriptor ADDR = FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final FunctionDescriptor NAME = FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final FunctionDescriptor OPT =
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);

    private Sockets() {}

    /** A new unix stream socket. */
    public static int unix() throws ErrnoException {
        return socket(AF_UNIX);
    }

    /** Two connected unix stream sockets (socketpair(2)). */
    public static int[] pair() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocate(8, 4);
            int ignored = NativeCall.check("socketpair", (int) SocketPair.HANDLE.invokeExact(
                    NativeCall.errnoSegment(), AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both));
            return both.toArray(JAVA_INT);
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /**
     * Binds and listens on a unix path; a leading NUL makes the name abstract. A socket file that is there already is
     * removed first, as QEMU does. The file is there a moment before somebody listens: /proc/net/unix tells when.
     */
    public static int listenUnix(String path, int backlog) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = unixAddress(arena, path);
            if (!path.startsWith("\0")) {
                unlink(path);
            }
            int fd = socket(AF_UNIX);
            try {
                call("bind", Bind.HANDLE, fd, address);
                listen(fd, backlog);
                return fd;
            } catch (IOException e) {
                Fds.close(fd);
                throw e;
            }
        }
    }

    /** Connects to a unix path, abstract if it starts with a NUL. Blocks only while the listener's backlog is full. */
    public static int connectUnix(String path) throws IOException {
        return connectUnix(path, 0);
    }

    /** As {@link #connectUnix(String)}, failing with EAGAIN if the backlog stays full for {@code limit} ns (0: none). */
    public static int connectUnix(String path, long limit) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = unixAddress(arena, path);
            return connect(socket(AF_UNIX), address, limit);
        }
    }

    /** Binds and listens on an inet address; port 0 lets the kernel choose (see {@link #localPort}). */
    public static int listenInet(InetAddress host, int port, int backlog) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int fd = socket(family(host));
            try {
                setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
                call("bind", Bind.HANDLE, fd, inetAddress(arena, host, port));
                listen(fd, backlog);
                return fd;
            } catch (IOException e) {
                Fds.close(fd);
                throw e;
            }
        }
    }

    /** Connects to an inet address; blocks until the peer answers or the kernel gives up. */
    public static int connectInet(InetAddress host, int port) throws IOException {
        return connectInet(host, port, 0);
    }

    /** As {@link #connectInet(InetAddress, int)}, failing with EINPROGRESS after {@code limit} ns (0: none). */
    public static int connectInet(InetAddress host, int port, long limit) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return connect(socket(family(host)), inetAddress(arena, host, port), limit);
        }
    }

    private static int connect(int fd, MemorySegment address, long limit) throws IOException {
        try {
            if (limit > 0) {
                sendTimeout(fd, limit); // connect(2) honours it, see socket(7)
            }
            call("connect", Connect.HANDLE, fd, address);
            if (limit > 0) {
                sendTimeout(fd, 0);
            }
            return fd;
        } catch (IOException e) {
            Fds.close(fd);
            throw e;
        }
    }

    /** Accepts a connection; -1 if the listener is non-blocking and none waits. */
    public static int accept(int listener) throws ErrnoException {
        try {
            for (; ; ) {
                int fd = (int) Accept.HANDLE.invokeExact(
                        NativeCall.errnoSegment(), listener, MemorySegment.NULL, MemorySegment.NULL, SOCK_CLOEXEC);
                if (fd >= 0) {
                    return fd;
                }
                if (NativeCall.wouldBlock("accept")) {
                    return -1;
                }
            }
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /** Ends the sending side; the peer reads end of file after what was sent (shutdown(2), SHUT_WR). */
    public static void shutdownWrite(int fd) throws ErrnoException {
        shutdown(fd, 1);
    }

    /** Ends both sides, waking whoever blocks on the socket (shutdown(2), SHUT_RDWR). */
    public static void shutdownBoth(int fd) throws ErrnoException {
        shutdown(fd, 2);
    }

    /** The port an inet socket is bound to. */
    public static int localPort(int fd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            return Short.toUnsignedInt(
                    Short.reverseBytes(localAddress(arena, fd).get(JAVA_SHORT, 2)));
        }
    }

    /** The path in the file system that a unix socket is bound to; empty if it is of another kind, or has none. */
    public static String localPath(int fd) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = localAddress(arena, fd);
            boolean named = address.byteSize() > 2 && address.get(JAVA_SHORT, 0) == AF_UNIX;
            return named ? address.getString(2) : "";
        }
    }

    /** struct sockaddr of the address's own length: 2 bytes if a unix socket has no name. */
    private static MemorySegment localAddress(Arena arena, int fd) throws ErrnoException {
        MemorySegment address = arena.allocate(128, 8);
        MemorySegment length = arena.allocateFrom(JAVA_INT, 128);
        try {
            int ignored = NativeCall.check("getsockname", (int)
                    GetSockName.HANDLE.invokeExact(NativeCall.errnoSegment(), fd, address, length));
            return address.asSlice(0, Math.min(128, length.get(JAVA_INT, 0)));
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static int socket(int family) throws ErrnoException {
        try {
            return NativeCall.check("socket", (int)
                    Socket.HANDLE.invokeExact(NativeCall.errnoSegment(), family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static void listen(int fd, int backlog) throws ErrnoException {
        try {
            int ignored =
                    NativeCall.check("listen", (int) Listen.HANDLE.invokeExact(NativeCall.errnoSegment(), fd, backlog));
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static void shutdown(int fd, int how) throws ErrnoException {
        try {
            int ignored =
                    NativeCall.check("shutdown", (int) Shutdown.HANDLE.invokeExact(NativeCall.errnoSegment(), fd, how));
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static void setOption(int fd, int level, int name, int value) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            setOption(fd, level, name, arena.allocateFrom(JAVA_INT, value));
        }
    }

    private static void setOption(int fd, int level, int name, MemorySegment value) throws ErrnoException {
        try {
            int ignored = NativeCall.check("setsockopt", (int) SetSockOpt.HANDLE.invokeExact(
                    NativeCall.errnoSegment(), fd, level, name, value, (int) value.byteSize()));
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    /** struct timeval: seconds 0, microseconds 8. */
    private static void sendTimeout(int fd, long nanos) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment timeval = arena.allocate(16, 8);
            timeval.set(JAVA_LONG, 0, nanos / 1_000_000_000L);
            timeval.set(JAVA_LONG, 8, nanos % 1_000_000_000L / 1000);
            setOption(fd, SOL_SOCKET, SO_SNDTIMEO, timeval);
        }
    }

    private static void unlink(String path) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int r = (int) Unlink.HANDLE.invokeExact(NativeCall.errnoSegment(), arena.allocateFrom(path));
            if (r < 0 && NativeCall.errno() != Errno.ENOENT) {
                throw new ErrnoException("unlink", NativeCall.errno());
            }
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static void call(String name, MethodHandle handle, int fd, MemorySegment address) throws ErrnoException {
        try {
            for (; ; ) {
                int r = (int) handle.invokeExact(NativeCall.errnoSegment(), fd, address, (int) address.byteSize());
                if (r == 0) {
                    return;
                }
                int errno = NativeCall.errno();
                if (errno != Errno.EINTR) {
                    throw new ErrnoException(name, errno);
                }
            }
        } catch (ErrnoException e) {
            throw e;
        } catch (Throwable e) {
            throw NativeCall.unexpected(e);
        }
    }

    private static MemorySegment unixAddress(Arena arena, String path) throws IOException {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        boolean isAbstract = path.startsWith("\0");
        if (name.length > (isAbstract ? MAX_UNIX_PATH + 1 : MAX_UNIX_PATH)) {
            throw new IOException(
                    "UNIX socket path '" + path + "' is too long: a path may have at most " + MAX_UNIX_PATH + " bytes");
        }
        MemorySegment address = arena.allocate(2 + name.length + (isAbstract ? 0 : 1), 8);
        address.set(JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(name, 0, address, JAVA_BYTE, 2, name.length);
        return address;
    }

    private static MemorySegment inetAddress(Arena arena, InetAddress host, int port) throws UnknownHostException {
        byte[] bytes = host.getAddress();
        boolean v4 = host instanceof Inet4Address;
        MemorySegment address = arena.allocate(v4 ? 16 : 28, 8);
        address.set(JAVA_SHORT, 0, (short) family(host));
        address.set(JAVA_SHORT, 2, Short.reverseBytes((short) port));
        MemorySegment.copy(bytes, 0, address, JAVA_BYTE, v4 ? 4 : 8, bytes.length);
        return address;
    }

    private static int family(InetAddress host) {
        return host instanceof Inet4Address ? AF_INET : AF_INET6;
    }

    private static final class Socket {
        static final MethodHandle HANDLE =
                NativeCall.linkErrno("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    }

    private static final class SocketPair {
        static final MethodHandle HANDLE = NativeCall.linkErrno(
                "socketpair", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    }

    private static final class Bind {
        static final MethodHandle HANDLE = NativeCall.linkErrno("bind", ADDR);
    }

    private static final class Connect {
        static final MethodHandle HANDLE = NativeCall.linkErrno("connect", ADDR);
    }

    private static final class Listen {
        static final MethodHandle HANDLE =
                NativeCall.linkErrno("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    }

    private static final class Accept {
        static final MethodHandle HANDLE =
                NativeCall.linkErrno("accept4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    }

    private static final class Shutdown {
        static final MethodHandle HANDLE =
                NativeCall.linkErrno("shutdown", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    }

    private static final class GetSockName {
        static final MethodHandle HANDLE = NativeCall.linkErrno("getsockname", NAME);
    }

    private static final class SetSockOpt {
        static final MethodHandle HANDLE = NativeCall.linkErrno("setsockopt", OPT);
    }

    private static final class Unlink {
        static final MethodHandle HANDLE = NativeCall.linkErrno("unlink", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    }
}
