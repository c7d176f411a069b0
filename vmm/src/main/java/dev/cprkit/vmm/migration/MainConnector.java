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

/**
 * Connects the main channel on a thread of its own, so that neither a slow name server nor a full backlog holds the main
 * loop up, and reports on the main loop's thread. One object, one connection; {@link #cancel} keeps it from reporting.
 */
final class MainConnector {
    /** What is told when it is over. Main loop's thread. */
    interface Listener {
        /** Connected; the socket is the listener's now. */
        void connected(int fd);

        /** Not connected; the text is for the user. */
        void failed(String reason);
    }

    private final EventLoop loop;
    private final Listener listener;
    private boolean cancelled;

    private MainConnector(EventLoop loop, Listener listener) {
        this.loop = loop;
        this.listener = listener;
    }

    /** Begins to connect; gives up after {@code limit} ns for each address of a name. */
    static MainConnector start(SocketAddress address, long limit, EventLoop loop, Listener listener) {
        MainConnector connector = new MainConnector(loop, listener);
        Thread.ofPlatform().daemon().name("mig/connect").start(() -> connector.run(address, limit));
        return connector;
    }

    /** Nothing is reported from here on; a socket that gets connected is closed. Main loop's thread. */
    void cancel() {
        cancelled = true;
    }

    private void run(SocketAddress address, long limit) {
        try {
            int fd = connect(address, limit);
            loop.post(() -> {
                if (cancelled) {
                    Fds.close(fd);
                } else {
                    listener.connected(fd);
                }
            });
        } catch (MigrationFailure e) {
            loop.post(() -> {
                if (!cancelled) {
                    listener.failed(e.getMessage());
                }
            });
        }
    }

    /** The socket's address behind a main channel, or why there can be none. */
    static SocketAddress socketOf(MigrationAddress address) throws MigrationFailure {
        return switch (address) {
            case MigrationAddress.Socket(SocketAddress.Vsock ignored) ->
                throw new MigrationFailure("vsock channels are not supported; use unix or tcp");
            case MigrationAddress.Socket(SocketAddress.Fd fd) ->
                throw new MigrationFailure("File descriptor named '" + fd.str() + "' has not been found");
            case MigrationAddress.Socket(SocketAddress.Inet socket) -> socket;
            case MigrationAddress.Socket(SocketAddress.Unix socket) -> socket;
            case MigrationAddress.Exec ignored ->
                throw new MigrationFailure("exec channels are not supported in this mode; use unix or tcp");
            case MigrationAddress.Rdma ignored -> throw new MigrationFailure("uri is not a valid migration protocol");
            case MigrationAddress.File ignored ->
                throw new MigrationFailure("Migration requires streamable transport (eg unix)");
        };
    }

    private static int connect(SocketAddress address, long limit) throws MigrationFailure {
        return switch (address) {
            case SocketAddress.Unix unix -> connectUnix(unix, limit);
            case SocketAddress.Inet inet -> connectInet(inet, limit);
            case SocketAddress.Vsock ignored -> throw new MigrationFailure("vsock channels are not supported");
            case SocketAddress.Fd ignored -> throw new MigrationFailure("a descriptor is connected already");
        };
    }

    private static int connectUnix(SocketAddress.Unix unix, long limit) throws MigrationFailure {
        try {
            return Sockets.connectUnix(unix.socketName(), limit);
        } catch (ErrnoException e) {
            throw failed(unix, e);
        } catch (IOException e) {
            throw new MigrationFailure(e.getMessage());
        }
    }

    private static int connectInet(SocketAddress.Inet inet, long limit) throws MigrationFailure {
        int port = InetEndpoints.port(inet);
        MigrationFailure last = new MigrationFailure("Failed to connect to '" + inet.text() + "'");
        for (InetAddress host : InetEndpoints.hosts(inet, false)) {
            try {
                return Sockets.connectInet(host, port, limit);
            } catch (ErrnoException e) {
                last = failed(inet, e);
            } catch (IOException e) {
                last = new MigrationFailure(e.getMessage());
            }
        }
        throw last;
    }

    private static MigrationFailure failed(SocketAddress address, ErrnoException e) {
        boolean timeout = e.errno() == Errno.EAGAIN || e.errno() == Errno.EINPROGRESS;
        return new MigrationFailure("Failed to connect to '" + address.text() + "': "
                + (timeout ? "nobody accepted the connection in time" : e.text()));
    }
}
