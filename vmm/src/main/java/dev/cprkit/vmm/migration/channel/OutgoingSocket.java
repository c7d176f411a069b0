package dev.cprkit.vmm.migration.channel;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.FdWait;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.SocketMessages;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.vmm.run.EventLoop;
import java.io.IOException;
import java.util.OptionalInt;

/**
 * A connected stream socket. What the kernel does not take at once follows when it has room: a device state fits into a
 * socket's buffer, so usually everything is gone when {@link #send} returns.
 */
public final class OutgoingSocket implements OutgoingChannel {
    /** More than a socket's buffer holds: a call copies what it is given, whether the kernel takes it or not. */
    private static final int PART = 1 << 20;

    private final EventLoop loop;
    private final int fd;
    private final long stall;
    private final ChannelWorker worker;
    private EventLoop.Watch watch;

    /**
     * Takes the socket over.
     *
     * @param stall the longest time without a byte that the peer takes, in ns
     */
    public OutgoingSocket(EventLoop loop, int fd, long stall) {
        this.loop = loop;
        this.fd = fd;
        this.stall = stall;
        this.worker = new ChannelWorker(loop);
    }

    @Override
    public void send(byte[] bytes, Listener listener) {
        push(bytes, 0, listener);
    }

    private void push(byte[] bytes, int from, Listener listener) {
        int done = from;
        try {
            while (done < bytes.length) {
                int n = SocketMessages.trySend(fd, bytes, done, Math.min(PART, bytes.length - done));
                if (n < 0) {
                    waitForRoom(bytes, done, listener);
                    return;
                }
                done += n;
            }
        } catch (ErrnoException e) {
            unwatch();
            listener.failed("Unable to write to socket: " + Errno.text(e.errno()));
            return;
        }
        unwatch();
        listener.done();
    }

    private void waitForRoom(byte[] bytes, int from, Listener listener) {
        unwatch();
        watch = loop.watch(fd, EventLoop.WRITABLE, ready -> push(bytes, from, listener));
    }

    @Override
    public void run(Job job, Listener listener) {
        worker.run(job, listener);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        try {
            while (done < length) {
                int n = SocketMessages.trySend(fd, bytes, offset + done, Math.min(PART, length - done));
                if (n >= 0) {
                    done += n;
                } else if (!FdWait.writable(fd, System.nanoTime() + stall)) {
                    throw new IOException(
                            "the new process did not read the stream for " + stall / 1_000_000_000L + " s");
                }
            }
        } catch (ErrnoException e) {
            throw new IOException("Unable to write to socket: " + Errno.text(e.errno()), e);
        }
    }

    @Override
    public void finish(Listener listener) {
        listener.done();
    }

    @Override
    public OptionalInt returnPath() {
        return OptionalInt.of(fd);
    }

    @Override
    public void close() {
        unwatch();
        if (worker.busy()) {
            try {
                Sockets.shutdownBoth(fd); // ends a write that waits
            } catch (ErrnoException e) {
                worker.end(() -> Fds.close(fd)); // the peer was gone already, so nothing waits
                return;
            }
        }
        worker.end(() -> Fds.close(fd));
    }

    private void unwatch() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }
}
