package dev.cprkit.vmm.migration;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.SocketMessages;
import dev.cprkit.vmm.run.EventLoop;

/**
 * Sends bytes over a socket without ever holding the main loop up: what the kernel does not take at once follows when it
 * has room. A device state fits into a socket's buffer, so usually everything is gone when {@link #send} returns. Main
 * loop's thread.
 */
final class StreamSender {
    /** What is told when it is over, perhaps before {@link #send} returns. */
    interface Listener {
        /** The kernel has every byte. */
        void sent();

        /** The peer is gone; the text is for the user. */
        void failed(String reason);
    }

    /** More than a socket's buffer holds: a call copies what it is given, whether the kernel takes it or not. */
    private static final int PART = 1 << 20;

    private final EventLoop loop;
    private final int fd;
    private EventLoop.Watch watch;

    StreamSender(EventLoop loop, int fd) {
        this.loop = loop;
        this.fd = fd;
    }

    /** Sends all the bytes; one at a time. */
    void send(byte[] bytes, Listener listener) {
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
            close();
            listener.failed("Unable to write to socket: " + Errno.text(e.errno()));
            return;
        }
        close();
        listener.sent();
    }

    private void waitForRoom(byte[] bytes, int from, Listener listener) {
        close();
        watch = loop.watch(fd, EventLoop.WRITABLE, ready -> push(bytes, from, listener));
    }

    /** Sends no more. Does not close the socket. */
    void close() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }
}
