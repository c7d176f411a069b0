package dev.cprkit.vmm.chardev;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.os.InetSockets;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.run.EventLoop;
import dev.cprkit.vmm.run.Yank;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A stream socket: a server that takes one connection at a time, or a client that may connect again after a loss.
 *
 * <p>While a client of a server is connected, further ones wait in the listener's backlog. A client that may reconnect
 * connects on a thread of its own, because a peer that does not answer must not hold up the machine. A connection may be
 * yanked: that ends it as its peer could.
 */
public final class SocketChardev extends LinkedChardev {
    private static final long NS_PER_MS = 1_000_000;

    private volatile EventLoop loop;
    private final ChardevConfig.Socket config;
    private final SocketAddresses addresses;
    private final Yank.Instance yanked;
    private Optional<Clock.Timer> reconnect;
    private Optional<SocketListener> listener = Optional.empty();
    private volatile Optional<Connection> connection = Optional.empty();
    private boolean closed;

    /** A peer. */
    private record Connection(SocketPort port, String filename) {}

    /**
     * Listens or connects. A server with {@code wait} returns when a client has connected; a client without reconnect
     * returns when it is connected.
     *
     * @throws ChardevException if it cannot
     */
    public SocketChardev(ChardevConfig.Socket config, EventLoop loop, Yank yank) throws ChardevException {
        super(config.id(), config.options().log());
        this.config = config;
        this.loop = loop;
        if (config.telnet()) {
            throw new ChardevException("chardev '" + config.id() + "': telnet is not supported; use a plain socket");
        }
        this.reconnect = config.reconnectMs() > 0 && !config.server()
                ? Optional.of(loop.hostClock().timer(this::connectInBackground))
                : Optional.empty();
        this.addresses = new SocketAddresses(config.target());
        this.yanked = yank.register(Yank.Target.chardev(config.id()), this::torn);
        try {
            if (config.server()) {
                listener = Optional.of(new SocketListener(addresses, config.target(), loop, this::accepted));
                if (config.waitForClient()) {
                    System.err.println("vmm: info: waiting for connection on: " + filename());
                    accepted(listener.get().acceptBlocking());
                }
            } else if (reconnect.isPresent()) {
                connectInBackground();
            } else {
                connected(addresses.connect());
            }
        } catch (IOException e) {
            close();
            throw new ChardevException(e.getMessage());
        }
    }

    @Override
    public String filename() {
        return connection.isPresent()
                ? connection.get().filename()
                : "disconnected:" + addresses.name() + (config.server() ? ",server=on" : "");
    }

    @Override
    public int[] takeDescriptors() {
        return connection.isPresent() ? connection.get().port().takeDescriptors() : super.takeDescriptors();
    }

    /** Its user may not be reading, and would not hear of the end. The next connection is not meant. */
    private void torn() {
        Optional<Connection> yankedOne = connection;
        post(() -> {
            if (connection.equals(yankedOne)) {
                disconnect();
            }
        });
    }

    @Override
    public void disconnect() {
        yanked.disconnected();
        connection = Optional.empty();
        if (leave() && !closed) {
            listener.ifPresent(SocketListener::listen);
            armReconnect();
        }
    }

    @Override
    public void close() {
        closed = true;
        reconnect.ifPresent(Clock.Timer::cancel);
        disconnect();
        listener.ifPresent(SocketListener::close);
        yanked.close();
        super.close();
    }

    @Override
    void moveTo(EventLoop next) {
        loop = next;
        listener.ifPresent(at -> at.moveTo(next));
        super.moveTo(next);
        if (reconnect.isPresent()) {
            reconnect.get().cancel();
            reconnect = Optional.of(next.hostClock().timer(this::connectInBackground));
            if (connection.isEmpty()) {
                armReconnect();
            }
        }
    }

    /** Runs something on the loop, whichever it is by then. */
    private void post(Runnable action) {
        EventLoop now = loop;
        now.post(() -> {
            if (now == loop) {
                action.run();
            } else {
                post(action);
            }
        });
    }

    @Override
    public void ended() {
        disconnect();
    }

    @Override
    public void broken(String why) {
        disconnect();
    }

    private void accepted(int fd) {
        try {
            connected(fd);
        } catch (ErrnoException e) {
            // The peer went away between connecting and being looked at.
            listener.ifPresent(SocketListener::listen);
        }
    }

    /** Takes a connected socket over. */
    private void connected(int fd) throws ErrnoException {
        SocketPort port;
        try {
            String name = filename(fd);
            port = new SocketPort(fd);
            connection = Optional.of(new Connection(port, name));
        } catch (ErrnoException e) {
            Fds.close(fd);
            throw e;
        }
        listener.ifPresent(SocketListener::pause);
        yanked.connected(OptionalInt.of(fd));
        connect(new Link(loop, port, this));
    }

    private String filename(int fd) throws ErrnoException {
        String server = config.server() ? ",server=on" : "";
        Optional<InetSocketAddress> local = InetSockets.local(fd);
        if (local.isEmpty()) {
            return addresses.name() + server;
        }
        if (config.target() instanceof SocketTarget.Inet inet && inet.noDelay()) {
            InetSockets.noDelay(fd);
        }
        String peer = InetSockets.peer(fd).map(SocketAddresses::hostAndPort).orElse("");
        return "tcp:" + SocketAddresses.hostAndPort(local.get()) + server + " <-> " + peer;
    }

    private void connectInBackground() {
        Thread connector = new Thread(
                () -> {
                    try {
                        int fd = addresses.connect();
                        post(() -> connectedInBackground(fd));
                    } catch (IOException e) {
                        post(this::armReconnect); // nobody listens yet: that is what reconnecting is for
                    }
                },
                "connect-" + label());
        connector.setDaemon(true);
        connector.start();
    }

    private void connectedInBackground(int fd) {
        if (closed || connection.isPresent()) {
            Fds.close(fd);
            return;
        }
        try {
            connected(fd);
        } catch (ErrnoException e) {
            armReconnect();
        }
    }

    private void armReconnect() {
        if (!closed && reconnect.isPresent()) {
            reconnect.get().arm(loop.hostClock().now() + config.reconnectMs() * NS_PER_MS);
        }
    }
}
