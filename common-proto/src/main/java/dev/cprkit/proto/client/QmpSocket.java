package dev.cprkit.proto.client;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import jnr.unixsocket.Credentials;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import jnr.unixsocket.UnixSocketOptions;

/**
 * A connected unix stream socket. One thread reads, any thread writes, any thread hangs up.
 *
 * <p>The reading thread alone closes the descriptor, after its last read. Were it closed under a read, the kernel could
 * give its number to the next connection, and the read would take that one's bytes. So hanging up only shuts the
 * connection down, which ends a blocked read; and writing, shutting down and closing exclude each other.
 *
 * <p>SO_SNDTIMEO limits both connect(2) to a listener whose queue is full and a write to a peer that does not read
 * (socket(7)); reads are not limited, the reader thread has nothing better to do.
 */
final class QmpSocket implements AutoCloseable {
    private static final int WRITE_SLICE_MS = 200;

    private final Path path;
    private final UnixSocketChannel channel;
    private final ReentrantLock using = new ReentrantLock();

    private QmpSocket(Path path, UnixSocketChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static QmpSocket connect(Path path, Duration limit) throws QmpException {
        if (!Files.exists(path)) {
            throw new QmpException.CannotConnect(path, "no such file; is the VM running, and is this its QMP path?");
        }
        try {
            UnixSocketChannel channel = UnixSocketChannel.open();
            boolean connected = false;
            try {
                channel.setOption(UnixSocketOptions.SO_SNDTIMEO, millis(limit));
                connected = channel.connect(new UnixSocketAddress(new File(path.toString())));
                if (!connected) {
                    throw new QmpException.TimedOut(path, "accepting the connection", limit);
                }
                channel.setOption(UnixSocketOptions.SO_SNDTIMEO, WRITE_SLICE_MS);
            } finally {
                if (!connected) {
                    channel.close();
                }
            }
            return new QmpSocket(path, channel);
        } catch (IOException e) {
            throw new QmpException.CannotConnect(path, reason(e));
        }
    }

    QmpPeer peer() throws QmpException {
        try {
            Credentials credentials = channel.getOption(UnixSocketOptions.SO_PEERCRED);
            return new QmpPeer(credentials.getPid(), credentials.getUid(), credentials.getGid());
        } catch (IOException e) {
            throw new QmpException.Disconnected(path, reason(e));
        }
    }

    /** Writes everything or throws. Callers take turns. */
    void write(byte[] bytes, Duration limit) throws QmpException {
        long deadline = System.nanoTime() + limit.toNanos();
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            if (writeSome(rest) <= 0 && System.nanoTime() - deadline > 0) {
                throw new QmpException.TimedOut(path, "reading our command", limit);
            }
        }
    }

    private int writeSome(ByteBuffer rest) throws QmpException {
        using.lock();
        try {
            return channel.write(rest);
        } catch (IOException e) {
            throw new QmpException.Disconnected(path, reason(e));
        } finally {
            using.unlock();
        }
    }

    /** What the peer sends; its end when the peer hangs up or {@link #hangUp} is called. */
    InputStream input() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 1 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return length == 0 ? 0 : channel.read(ByteBuffer.wrap(buffer, offset, length));
            }
        };
    }

    /** Ends the connection for both sides. */
    void hangUp() {
        using.lock();
        try {
            if (channel.isOpen()) {
                channel.shutdownInput();
                channel.shutdownOutput();
            }
        } catch (IOException e) {
            // The peer was faster.
        } finally {
            using.unlock();
        }
    }

    /** Gives the descriptor back. Only when nobody reads any more. */
    @Override
    public void close() {
        using.lock();
        try {
            channel.close();
        } catch (IOException e) {
            // The descriptor is gone either way; nothing was buffered in it that anybody waits for.
        } finally {
            using.unlock();
        }
    }

    private static int millis(Duration limit) {
        return Math.clamp(TimeUnit.NANOSECONDS.toMillis(limit.toNanos()), 1, Integer.MAX_VALUE);
    }

    private static String reason(IOException e) {
        String text = e.getMessage();
        if (text == null) {
            return "the connection was closed";
        }
        if (text.contains("refused")) {
            return "connection refused; nobody listens there any more";
        }
        if (text.contains("ermission denied")) {
            return "permission denied; run as the user that owns the VM";
        }
        return text;
    }
}
