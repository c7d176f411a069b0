package dev.cprkit.vmm.migration.channel;

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
import java.util.List;
import java.util.Optional;

/**
 * Where an incoming migration comes from: it listens for the one connection, or opens a file, starts a command, takes a
 * descriptor. Owns the listening socket and its file until it is closed. Main loop's thread.
 */
public final class IncomingListener {
    /** What is told, after the call that opened it has returned. */
    public interface Listener {
        /** Connected; the channel is the listener's now, and this one listens no more. */
        void accepted(IncomingChannel channel);

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

    /** Listens at the address. Empty if there is nothing to listen for; the listener gets the channel soon. */
    public static Optional<IncomingListener> open(MigrationAddress address, ChannelHost host, Listener listener)
            throws MigrationFailure {
        return switch (address) {
            case MigrationAddress.Socket(SocketAddress.Unix unix) ->
                Optional.of(new IncomingListener(listenUnix(unix), unix, host.loop(), listener));
            case MigrationAddress.Socket(SocketAddress.Inet inet) -> Optional.of(openInet(inet, host.loop(), listener));
            case MigrationAddress.Socket(SocketAddress.Fd(String name)) -> {
                int given = GivenDescriptor.take(name, host.descriptors());
                try {
                    GivenDescriptor.refuseFile(given);
                } catch (MigrationFailure e) {
                    Fds.close(given);
                    throw e;
                }
                yield report(
                        new IncomingChannel(given, GivenDescriptor.isSocket(given), Optional.empty()), host, listener);
            }
            case MigrationAddress.Socket(SocketAddress.Vsock vsock) -> throw ChannelErrors.vsock(vsock);
            case MigrationAddress.File(String name, long offset) ->
                report(IncomingChannel.file(name, offset, host), host, listener);
            case MigrationAddress.Exec(List<String> args) -> {
                Command command = Command.writer(args);
                yield report(new IncomingChannel(command.fd(), false, Optional.of(command)), host, listener);
            }
            case MigrationAddress.Rdma ignored -> throw new MigrationFailure("unknown migration protocol");
        };
    }

    private static Optional<IncomingListener> report(IncomingChannel channel, ChannelHost host, Listener listener) {
        host.loop().post(() -> listener.accepted(channel));
        return Optional.empty();
    }

    /** Where it listens, with the port that was chosen. */
    public SocketAddress bound() {
        return bound;
    }

    /** Stops listening and removes the socket's file. */
    public void close() {
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
            listener.accepted(new IncomingChannel(connection, true, Optional.empty()));
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
                                    : "Failed to bind socket: " + e.text());
                } catch (IOException e) {
                    failure = new MigrationFailure(e.getMessage());
                }
            }
        }
        throw failure;
    }
}
