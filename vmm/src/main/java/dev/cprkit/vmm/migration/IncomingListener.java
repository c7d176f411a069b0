package dev.cprkit.vmm.migration;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.run.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where an incoming migration listens for its one connection. Owns the listening socket and its file until it is closed.
 * Main loop's thread.
 */
final class IncomingListener {
    /** What is told. */
    interface Listener {
        /** Connected; the socket is the listener's now, and this one listens no more. */
        void accepted(int fd);

        /** Cannot accept; the text is for the user. */
        void failed(String reason);
    }

    private final int fd;
    private final SocketAddress bound;
    private final EventLoop.Watch watch;
    private boolean closed;

    private IncomingListener(int fd, SocketAddress bound, EventLoop loop, Listener listener) {
        this.fd = fd;
        this.bound = bound;
        this.watch = loop.watch(fd, EventLoop.READABLE, ready -> accept(listener));
    }

    /** Listens at the address. Empty if the address is a descriptor that is connected already; the listener has it. */
    static Optional<IncomingListener> open(MigrationAddress address, EventLoop loop, Listener listener)
            throws MigrationFailure {
        if (!(address instanceof MigrationAddress.Socket(SocketAddress socket))) {
            throw refusal(address);
        }
        return switch (socket) {
            case SocketAddress.Unix unix -> Optional.of(new IncomingListener(listenUnix(unix), unix, loop, listener));
            case SocketAddress.Inet inet -> Optional.of(openInet(inet, loop, listener));
            case SocketAddress.Fd given -> {
                int connected = number(given.str());
                loop.post(() -> listener.accepted(connected));
                yield Optional.empty();
            }
            case SocketAddress.Vsock ignored ->
                throw new MigrationFailure("vsock channels are not supported; use unix or tcp");
        };
    }

    private static MigrationFailure refusal(MigrationAddress address) {
        return switch (address) {
            case MigrationAddress.File ignored ->
                new MigrationFailure("Migration requires streamable transport (eg unix)");
            case MigrationAddress.Exec ignored ->
                new MigrationFailure("exec channels are not supported in this mode; use unix or tcp");
            case MigrationAddress.Rdma ignored -> new MigrationFailure("unknown migration protocol");
            case MigrationAddress.Socket ignored -> new MigrationFailure("unknown migration protocol");
        };
    }

    /** Where it listens, with the port that was chosen. */
    SocketAddress bound() {
        return bound;
    }

    /** Stops listening and removes the socket's file. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        watch.close();
        Fds.close(fd);
        if (bound instanceof SocketAddress.Unix unix && !unix.isAbstract()) {
            try {
                Files.deleteIfExists(Path.of(unix.path()));
            } catch (IOException e) {
                return; // a socket file that stays behind harms nobody: the next listener replaces it
            }
        }
    }

    private void accept(Listener listener) {
        try {
            int connection = Sockets.accept(fd);
            close();
            listener.accepted(connection);
        } catch (ErrnoException e) {
            close();
            listener.failed("cannot accept a connection on the main channel: " + e.text());
        }
    }

    private static int listenUnix(SocketAddress.Unix unix) throws MigrationFailure {
        try {
            return Sockets.listenUnix(unix.socketName(), 1);
        } catch (ErrnoException e) {
            throw new MigrationFailure("Failed to bind socket to " + unix.path() + ": " + e.text());
        } catch (IOException e) {
            throw new MigrationFailure(e.getMessage());
        }
    }

    private static IncomingListener openInet(SocketAddress.Inet inet, EventLoop loop, Listener listener)
            throws MigrationFailure {
        int first = InetEndpoints.port(inet);
        int last = Math.max(first, inet.options().to().orElse(first));
        MigrationFailure failure = new MigrationFailure("Failed to find an available port");
        for (InetAddress host : InetEndpoints.hosts(inet, true)) {
            for (int port = first; port <= last; port++) {
                try {
                    int fd = Sockets.listenInet(host, port, 1);
                    SocketAddress bound =
                            new SocketAddress.Inet(host.getHostAddress(), Integer.toString(Sockets.localPort(fd)));
                    return new IncomingListener(fd, bound, loop, listener);
                } catch (ErrnoException e) {
                    failure = new MigrationFailure(
                            e.errno() == Errno.EADDRINUSE
                                    ? "Failed to find an available port: " + e.text()
                                    : "Failed to listen on " + inet.text() + ": " + e.text());
                } catch (IOException e) {
                    failure = new MigrationFailure(e.getMessage());
                }
            }
        }
        throw failure;
    }

    private static int number(String text) throws MigrationFailure {
        try {
            int number = Integer.parseInt(text);
            if (number >= 0 && Fds.isOpen(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new MigrationFailure("File descriptor named '" + text + "' has not been found");
        }
        throw new MigrationFailure(
                "Invalid file descriptor number '" + text + "': this process did not inherit such a descriptor");
    }
}
