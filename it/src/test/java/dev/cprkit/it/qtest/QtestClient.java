package dev.cprkit.it.qtest;

import dev.cprkit.proto.os.FdWait;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The test's end of a qtest connection: it listens, and the emulator connects. The test's thread. */
final class QtestClient implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Path path;
    private final int listener;
    private int connection = -1;
    private final StringBuilder unread = new StringBuilder();

    QtestClient(Path path) throws IOException {
        this.path = path;
        this.listener = Sockets.listenUnix(path.toString(), 1);
    }

    void accept() throws IOException {
        await(listener, "a connection");
        connection = Sockets.accept(listener);
    }

    /** Sends a line and returns what comes up to and with its answer. */
    List<String> ask(String line) throws IOException {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.US_ASCII);
        for (int at = 0; at < bytes.length; ) {
            at += Fds.write(connection, bytes, at, bytes.length - at);
        }
        List<String> lines = new ArrayList<>();
        do {
            lines.add(line());
        } while (lines.getLast().startsWith("IRQ "));
        return lines;
    }

    private String line() throws IOException {
        byte[] buffer = new byte[4096];
        int end;
        while ((end = unread.indexOf("\n")) < 0) {
            await(connection, "an answer after '" + unread + "'");
            int count = Fds.read(connection, buffer, 0, buffer.length);
            if (count <= 0) {
                throw new IOException("the emulator has hung up");
            }
            unread.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
        }
        String line = unread.substring(0, end);
        unread.delete(0, end + 1);
        return line;
    }

    private static void await(int fd, String what) throws IOException {
        if (!FdWait.readable(fd, System.nanoTime() + LIMIT.toNanos())) {
            throw new IOException("within " + LIMIT.toSeconds() + " s there was not " + what);
        }
    }

    @Override
    public void close() throws IOException {
        if (connection >= 0) {
            Fds.close(connection);
        }
        Fds.close(listener);
        Files.deleteIfExists(path);
    }
}
