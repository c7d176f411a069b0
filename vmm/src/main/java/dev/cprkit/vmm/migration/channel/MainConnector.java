package dev.cprkit.vmm.migration.channel;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.SocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Opens where a migration goes. A file, a command and a descriptor are there at once; a socket is connected on a thread
 * of its own, so that neither a slow name server nor a full backlog holds the main loop up. What comes of it is reported
 * on the main loop's thread, after the call that began it has returned. One object, one channel; {@link #cancel} keeps
 * it from reporting.
 */
public final class MainConnector {
    /** What is told when it is over. Main loop's thread. */
    public interface Listener {
        /** Connected; the channel is the listener's now. */
        void connected(OutgoingChannel channel);

        /** Not connected; the text is for the user. */
        void failed(String reason);
    }

    /**
     * How long things may take, in ns.
     *
     * @param connect to connect to one address of a name
     * @param stall without a byte that the peer takes
     * @param commandEnd for a command to end after the stream
     */
    public record Limits(long connect, long stall, long commandEnd) {}

    private final ChannelHost host;
    private final Limits limits;
    private final Listener listener;
    private boolean cancelled;

    private MainConnector(ChannelHost host, Limits limits, Listener listener) {
        this.host = host;
        this.limits = limits;
        this.listener = listener;
    }

    /**
     * Begins.
     *
     * @param durable whether a file shall outlive the host
     * @throws MigrationFailure if it is clear at once that it cannot be opened
     */
    public static MainConnector start(
            MigrationAddress address, boolean durable, Limits limits, ChannelHost host, Listener listener)
            throws MigrationFailure {
        MainConnector connector = new MainConnector(host, limits, listener);
        switch (address) {
            case MigrationAddress.File(String name, long offset) ->
                connector.report(OutgoingFile.open(name, offset, durable, host));
            case MigrationAddress.Exec(List<String> args) -> {
                Command command = Command.reader(args);
                connector.report(connector.pipe(command.fd(), Optional.of(command)));
            }
            case MigrationAddress.Rdma ignored -> throw new MigrationFailure("uri is not a valid migration protocol");
            case MigrationAddress.Socket(SocketAddress.Fd(String name)) -> connector.report(connector.given(name));
            case MigrationAddress.Socket(SocketAddress.Vsock vsock) -> throw ChannelErrors.vsock(vsock);
            case MigrationAddress.Socket(SocketAddress socket) ->
                Thread.ofPlatform().daemon().name("mig/connect").start(() -> connector.run(socket));
        }
        return connector;
    }

    /** Nothing is reported from here on; a channel that gets connected is closed. Main loop's thread. */
    public void cancel() {
        cancelled = true;
    }

    private void report(OutgoingChannel channel) {
        host.loop().post(() -> {
            if (cancelled) {
                channel.close();
            } else {
                listener.connected(channel);
            }
        });
    }

    private OutgoingChannel given(String name) throws MigrationFailure {
        int fd = GivenDescriptor.named(name, host.descriptors());
        try {
            if (GivenDescriptor.isSocket(fd)) {
                return new OutgoingSocket(host.loop(), fd, limits.stall());
            }
            GivenDescriptor.refuseFile(fd);
        } catch (MigrationFailure e) {
            Fds.close(fd);
            throw e;
        }
        return pipe(fd, Optional.empty());
    }

    private OutgoingChannel pipe(int fd, Optional<Command> command) {
        return new OutgoingPipe(host.loop(), fd, command, limits.stall(), limits.commandEnd());
    }

    private void run(SocketAddress address) {
        try {
            report(new OutgoingSocket(host.loop(), connect(address, limits.connect()), limits.stall()));
        } catch (MigrationFailure e) {
            host.loop().post(() -> {
                if (!cancelled) {
                    listener.failed(e.getMessage());
                }
            });
        }
    }

    private static int connect(SocketAddress address, long limit) throws MigrationFailure {
        return switch (address) {
            case SocketAddress.Unix unix -> connectUnix(unix, limit);
            case SocketAddress.Inet inet -> connectInet(inet, limit);
            case SocketAddress.Vsock vsock -> throw ChannelErrors.vsock(vsock);
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
