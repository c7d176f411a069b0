package dev.cprkit.vmm.chardev;

import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Poll;
import dev.cprkit.proto.os.SocketMessages;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.vmm.run.EventLoop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The host's program at the other end of a socket chardev. Every wait has a limit. */
public final class Peer implements AutoCloseable {
    private static final long LIMIT_NS = 10_000_000_000L;

    private final int fd;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private boolean ended;

    public Peer(int fd) throws IOException {
        this.fd = fd;
        Fds.setNonBlocking(fd, true);
    }

    public static Peer connect(String path) throws IOException {
        return new Peer(Sockets.connectUnix(path));
    }

    public void send(String text, int... fds) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] passed = fds;
        for (int done = 0; done < bytes.length; ) {
            int count = SocketMessages.trySend(fd, bytes, done, bytes.length - done, passed);
            if (count < 0) {
                await(EventLoop.WRITABLE);
            } else {
                done += count;
                passed = new int[0];
            }
        }
    }

    /** As much as fits without the chardev reading. */
    public int sendUntilFull(byte[] bytes) throws IOException {
        int total = 0;
        for (int count = 0; count >= 0; count = SocketMessages.trySend(fd, bytes, 0, bytes.length)) {
            total += count;
        }
        return total;
    }

    /** Everything up to the first {@code end}, which is taken too. */
    public String readTo(String end) throws IOException {
        for (; ; ) {
            String text = received.toString(StandardCharsets.UTF_8);
            int at = text.indexOf(end);
            if (at >= 0) {
                String taken = text.substring(0, at + end.length());
                String rest = text.substring(at + end.length());
                received.reset();
                received.writeBytes(rest.getBytes(StandardCharsets.UTF_8));
                return taken;
            }
            if (ended) {
                throw new IOException("the stream ended before '" + end + "', after: " + text);
            }
            fill();
        }
    }

    /** Everything that comes before the chardev hangs up. */
    public String readAll() throws IOException {
        while (!ended) {
            fill();
        }
        String text = received.toString(StandardCharsets.UTF_8);
        received.reset();
        return text;
    }

    private void fill() throws IOException {
        byte[] buffer = new byte[1 << 16];
        int count = Fds.read(fd, buffer, 0, buffer.length);
        if (count > 0) {
            received.write(buffer, 0, count);
        } else if (count == 0) {
            ended = true;
        } else {
            await(EventLoop.READABLE);
        }
    }

    private void await(int events) throws IOException {
        try (Poll poll = new Poll()) {
            int[] ready = new int[1];
            poll.await(new int[] {fd}, new int[] {events}, ready, 1, LIMIT_NS);
            if (ready[0] == 0) {
                throw new IOException("nothing for 10 s; so far: " + received.toString(StandardCharsets.UTF_8));
            }
        }
    }

    @Override
    public void close() {
        Fds.close(fd);
    }
}
