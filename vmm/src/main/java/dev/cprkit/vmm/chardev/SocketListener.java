package dev.cprkit.vmm.chardev;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.run.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * A listening socket that hands over one connection, is told to pause, and listens again when told to. It owns the
 * descriptor and, for a unix path, the socket file, which it removes when it is closed if it is still the one that it
 * made: after a live update the path may belong to the next process.
 */
final class SocketListener {
    private static final long RETRY_NS = 1_000_000_000;

    private final int fd;
    private final Optional<Path> path;
    private final Optional<Object> inode;
    private final IntConsumer accepted;
    private EventLoop.Watch watch;
    private Clock.Timer retry;
    private Clock clock;
    private boolean listening = true;

    SocketListener(SocketAddresses addresses, SocketTarget target, EventLoop loop, IntConsumer accepted)
            throws IOException {
        this.fd = addresses.listen();
        this.path = target instanceof SocketTarget.Unix unix && !unix.abstractName()
                ? Optional.of(Path.of(unix.path()))
                : Optional.empty();
        this.inode = inode();
        this.accepted = accepted;
        this.clock = loop.hostClock();
        this.retry = clock.timer(this::listen);
        this.watch = loop.watch(fd, EventLoop.READABLE, ready -> accept());
        Fds.setNonBlocking(fd, true);
    }

    /** Waits for a client without the main loop. */
    int acceptBlocking() throws IOException {
        Fds.setNonBlocking(fd, false);
        try {
            return Sockets.accept(fd);
        } finally {
            Fds.setNonBlocking(fd, true);
        }
    }

    /** Another loop watches from here on. The caller holds the locks of both. */
    void moveTo(EventLoop loop) {
        retry.cancel();
        watch.close();
        clock = loop.hostClock();
        retry = clock.timer(this::listen);
        watch = loop.watch(fd, listening ? EventLoop.READABLE : 0, ready -> accept());
    }

    /** Takes no clients until {@link #listen}; they wait in the kernel. */
    void pause() {
        retry.cancel();
        listening = false;
        watch.events(0);
    }

    /** Takes the next client. */
    void listen() {
        listening = true;
        watch.events(EventLoop.READABLE);
    }

    void close() {
        retry.cancel();
        watch.close();
        Fds.close(fd);
        Optional<Object> now = inode();
        if (path.isPresent() && now.isPresent() && now.equals(inode)) {
            try {
                Files.deleteIfExists(path.get());
            } catch (IOException e) {
                System.err.println(
                        "vmm: warning: the socket file " + path.get() + " cannot be removed: " + e.getMessage());
            }
        }
    }

    private void accept() {
        try {
            int client = Sockets.accept(fd);
            if (client >= 0) {
                accepted.accept(client);
            }
        } catch (ErrnoException e) {
            // Without descriptors or memory no client can be taken. poll(2) would report it at once again.
            System.err.println("vmm: warning: a client cannot be accepted now: " + e.text());
            watch.events(0);
            retry.arm(clock.now() + RETRY_NS);
        }
    }

    private Optional<Object> inode() {
        if (path.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.getAttribute(path.get(), "unix:ino"));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
