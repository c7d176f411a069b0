package dev.cprkit.vmm.migration;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.run.EventLoop;
import dev.cprkit.vmm.state.StateInput;

/**
 * Reads what follows the stream, its description, after the guest was let go, and throws it away. It must be read: an old
 * process whose last bytes nobody takes believes that the migration failed. Main loop's thread.
 */
final class StreamTail {
    private static final int HEADER = 5;

    private final int fd;
    private final Runnable done;
    private final EventLoop.Watch watch;
    private final Clock.Timer limit;
    private final byte[] header = new byte[HEADER];
    private final byte[] buffer = new byte[65536];
    private long seen;

    /**
     * Reads on after what {@code in} has taken from the socket.
     *
     * @param nanos the longest time it may take
     * @param done what to do when it is over, however it ended
     */
    static void drain(EventLoop loop, int fd, StateInput in, long nanos, Runnable done) {
        byte[] buffered = in.takeBuffered();
        new StreamTail(loop, fd, nanos, done).take(buffered, buffered.length);
    }

    private StreamTail(EventLoop loop, int fd, long nanos, Runnable done) {
        this.fd = fd;
        this.done = done;
        this.watch = loop.watch(fd, EventLoop.READABLE, ready -> readable());
        this.limit = loop.hostClock().timer(this::finish);
        limit.arm(loop.hostClock().now() + nanos);
    }

    private void readable() {
        try {
            int n = Fds.read(fd, buffer, 0, buffer.length);
            if (n == 0) {
                finish();
            } else {
                take(buffer, n);
            }
        } catch (ErrnoException e) {
            finish();
        }
    }

    private void take(byte[] bytes, int length) {
        for (int i = 0; i < length && seen + i < HEADER; i++) {
            header[(int) seen + i] = bytes[i];
        }
        seen += Math.max(0, length);
        if (seen >= HEADER && (header[0] != StreamFormat.DESCRIPTION || seen >= HEADER + announced())) {
            finish();
        }
    }

    private long announced() {
        return (header[1] & 0xffL) << 24 | (header[2] & 0xff) << 16 | (header[3] & 0xff) << 8 | header[4] & 0xff;
    }

    private void finish() {
        watch.close();
        limit.cancel();
        done.run();
    }
}
