package dev.cprkit.vmm.chardev;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.vmm.os.InetSockets;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/** Makes sockets for a {@link SocketTarget}, and names it as QEMU does. Threads: any. */
final class SocketAddresses {
    private static final int BACKLOG = 1;
    /** How long a peer may take to let a client in, in ns: the machine stands still meanwhile. */
    private static final long CONNECT_LIMIT = 5_000_000_000L;

    private final SocketTarget target;
    private final long connectLimit;
    private String name;

    SocketAddresses(SocketTarget target) {
        this(target, CONNECT_LIMIT);
    }

    /** As above, with another limit for {@link #connect}. */
    SocketAddresses(SocketTarget target, long connectLimit) {
        this.target = target;
        this.connectLimit = connectLimit;
        this.name = switch (target) {
            case SocketTarget.Unix unix -> "unix:" + unix.path() + abstractSuffix(unix);
            case SocketTarget.Inet inet -> "tcp:" + hostAndPort(inet.host(), inet.port());
            case SocketTarget.Fd fd -> "fd:" + fd.fd();
        };
    }

    /** The target as query-chardev shows it; a listener's port is the real one. */
    synchronized String name() {
        return name;
    }

    /** A listening socket. */
    int listen() throws IOException {
        return switch (target) {
            case SocketTarget.Unix unix -> listenUnix(unix);
            case SocketTarget.Inet inet -> listenInet(inet);
            case SocketTarget.Fd(int fd) -> own(fd);
        };
    }

    /** A connected socket; may block for some seconds while the peer does not answer. */
    int connect() throws IOException {
        return switch (target) {
            case SocketTarget.Unix unix -> {
                try {
                    yield Sockets.connectUnix(address(unix), connectLimit);
                } catch (ErrnoException e) {
                    throw new IOException("Failed to connect to '" + unix.path() + "': " + text(e), e);
                }
            }
            case SocketTarget.Inet inet -> {
                String host = inet.host().isEmpty() ? "localhost" : inet.host();
                try {
                    yield Sockets.connectInet(resolve(host), inet.port(), connectLimit);
                } catch (ErrnoException e) {
                    throw new IOException(
                            "Failed to connect to '" + hostAndPort(host, inet.port()) + "': " + text(e), e);
                }
            }
            case SocketTarget.Fd(int fd) -> own(fd);
        };
    }

    private static String text(ErrnoException e) {
        boolean timeout = e.errno() == Errno.EAGAIN || e.errno() == Errno.EINPROGRESS;
        return timeout ? "nobody accepted the connection in time" : e.text();
    }

    static String hostAndPort(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        String text = host.getHostAddress();
        return host instanceof Inet6Address ? "[" + text + "]:" + address.getPort() : text + ":" + address.getPort();
    }

    private static String hostAndPort(String host, int port) {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }

    private static int listenUnix(SocketTarget.Unix unix) throws IOException {
        try {
            return Sockets.listenUnix(address(unix), BACKLOG);
        } catch (ErrnoException e) {
            throw new IOException("Failed to bind socket to " + unix.path() + ": " + e.text(), e);
        }
    }

    private int listenInet(SocketTarget.Inet inet) throws IOException {
        InetAddress host = inet.host().isEmpty() ? InetAddress.getByName("0.0.0.0") : resolve(inet.host());
        for (int port = inet.port(); ; port++) {
            try {
                int fd = Sockets.listenInet(host, port, BACKLOG);
                setName("tcp:"
                        + InetSockets.local(fd)
                                .map(SocketAddresses::hostAndPort)
                                .orElse(""));
                return fd;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EADDRINUSE || port >= inet.to()) {
                    throw new IOException(
                            "Failed to find an available port for " + hostAndPort(inet.host(), inet.port()) + ": "
                                    + e.text(),
                            e);
                }
            }
        }
    }

    private synchronized void setName(String resolved) {
        name = resolved;
    }

    /** An inherited descriptor: from now on ours, and not for programs that we start. */
    private static int own(int fd) throws IOException {
        try {
            Fds.setCloseOnExec(fd, true);
            return fd;
        } catch (ErrnoException e) {
            throw new IOException("File descriptor '" + fd + "' is not open in this process: " + e.text(), e);
        }
    }

    private static InetAddress resolve(String host) throws IOException {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IOException("address resolution failed for " + host + ": unknown host", e);
        }
    }

    /** The path, or for an abstract name a NUL and the name, padded to the full length unless it is tight. */
    private static String address(SocketTarget.Unix unix) {
        if (!unix.abstractName()) {
            return unix.path();
        }
        String name = "\0" + unix.path();
        int padding = Sockets.MAX_UNIX_PATH + 1 - name.getBytes(StandardCharsets.UTF_8).length;
        return unix.tight() || padding <= 0 ? name : name + "\0".repeat(padding);
    }

    private static String abstractSuffix(SocketTarget.Unix unix) {
        if (!unix.abstractName()) {
            return "";
        }
        return unix.tight() ? ",abstract=on" : ",abstract=on,tight=off";
    }
}
