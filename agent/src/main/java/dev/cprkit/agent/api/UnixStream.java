package dev.cprkit.agent.api;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A connection to a unix socket whose every wait has a limit. One thread uses it; any may close it, which ends a wait
 * with an {@link IOException}.
 */
final class UnixStream implements AutoCloseable {
    private static final int BUFFER = 8192;
    private static final int LONGEST_LINE = 1 << 20;

    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer in = ByteBuffer.allocate(BUFFER).flip();
    private Duration limit;

    private UnixStream(SocketChannel channel, Selector selector, Duration limit) {
        this.channel = channel;
        this.selector = selector;
        this.limit = limit;
    }

    /**
     * Connects.
     *
     * @param limit for each read and each write
     */
    static UnixStream connect(Path socket, Duration limit) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket)); // at once, or never: unix(7) has no way between
            channel.configureBlocking(false);
            Selector selector = Selector.open();
            channel.register(selector, 0);
            return new UnixStream(channel, selector, limit);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e instanceof IOException io ? io : new IOException(e.getMessage(), e);
        }
    }

    /** The limit for each read and write from now on. */
    void limit(Duration newLimit) {
        limit = newLimit;
    }

    void write(byte[] bytes) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(bytes);
        long deadline = System.nanoTime() + limit.toNanos();
        while (out.hasRemaining()) {
            if (channel.write(out) == 0) {
                await(SelectionKey.OP_WRITE, deadline);
            }
        }
    }

    /** The next byte, or -1 at the end. */
    int read() throws IOException {
        return fill() ? in.get() & 0xff : -1;
    }

    /** Exactly so many bytes. */
    byte[] read(int count) throws IOException {
        byte[] bytes = new byte[count];
        for (int done = 0; done < count; ) {
            if (!fill()) {
                throw new EOFException("the answer ends in its middle");
            }
            int some = Math.min(in.remaining(), count - done);
            in.get(bytes, done, some);
            done += some;
        }
        return bytes;
    }

    /** The next line without its end. */
    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (; ; ) {
            int b = read();
            if (b < 0) {
                throw new EOFException("the answer ends in its middle");
            }
            if (b == '\n') {
                int end = line.length();
                return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
            }
            if (line.length() == LONGEST_LINE) {
                throw new IOException("the answer has a line of more than " + LONGEST_LINE + " bytes");
            }
            line.append((char) b);
        }
    }

    /** Whether there is something in the buffer, after a wait for it; not at the end of the stream. */
    private boolean fill() throws IOException {
        if (in.hasRemaining()) {
            return true;
        }
        long deadline = System.nanoTime() + limit.toNanos();
        in.clear();
        try {
            for (; ; ) {
                int count = channel.read(in);
                if (count != 0) {
                    return count > 0;
                }
                await(SelectionKey.OP_READ, deadline);
            }
        } finally {
            in.flip();
        }
    }

    private void await(int what, long deadline) throws IOException {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new SocketTimeoutException("no answer within " + limit.toMillis() + " ms");
        }
        try {
            channel.keyFor(selector).interestOps(what);
            selector.select(left);
            selector.selectedKeys().clear();
        } catch (ClosedSelectorException | CancelledKeyException e) {
            throw new IOException("the connection was closed", e);
        }
        if (Thread.interrupted()) {
            Thread.currentThread().interrupt();
            throw new IOException("the wait for an answer was interrupted");
        }
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        try {
            selector.close();
            channel.close();
        } catch (IOException e) {
            // there is nothing more to lose
        }
    }
}
