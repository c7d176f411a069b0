package dev.cprkit.cprctl.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.cprctl.terminal.ConsoleSession.End;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ConsoleSessionTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private final BlockingQueue<String> shown = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream display = new ByteArrayOutputStream() {
        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            shown.add(new String(bytes, offset, length, StandardCharsets.UTF_8));
        }
    };

    private ServerSocketChannel listen(String name) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(folder.resolve(name)));
        return server;
    }

    private SocketChannel connect(String name) throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve(name)));
    }

    private static CompletableFuture<End> run(ConsoleSession session, SocketChannel first, Runnable moved) {
        CompletableFuture<End> end = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                end.complete(session.run(first, moved));
            } catch (IOException e) {
                end.completeExceptionally(e);
            }
        });
        return end;
    }

    private static String read(SocketChannel guest, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining() && guest.read(buffer) >= 0) {}
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
    }

    private static void write(SocketChannel guest, String text) throws IOException {
        guest.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void followsTheLineToItsNextPlaceAndDetachesAtItsKey() throws Exception {
        try (ServerSocketChannel first = listen("g0");
                ServerSocketChannel second = listen("g1");
                PipedOutputStream keys = new PipedOutputStream();
                ConsoleSession session =
                        new ConsoleSession(() -> connect("g1"), new PipedInputStream(keys), display, PATIENCE)) {
            CompletableFuture<Boolean> moved = new CompletableFuture<>();
            CompletableFuture<End> end = run(session, connect("g0"), () -> moved.complete(true));
            try (SocketChannel guest = first.accept()) {
                write(guest, "login: ");
                assertThat(shown.poll(10, TimeUnit.SECONDS)).isEqualTo("login: ");
                keys.write("root\003".getBytes(StandardCharsets.UTF_8));
                keys.flush();
                assertThat(read(guest, 5)).isEqualTo("root\003");
            }
            try (SocketChannel guest = second.accept()) {
                assertThat(moved.get(10, TimeUnit.SECONDS)).isTrue();
                write(guest, "# ");
                assertThat(shown.poll(10, TimeUnit.SECONDS)).isEqualTo("# ");
                keys.write("ls\n\035rm".getBytes(StandardCharsets.UTF_8));
                keys.flush();
                assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(End.DETACHED);
                assertThat(read(guest, 10)).isEqualTo("ls\n");
            }
        }
    }

    @Test
    void whatIsTypedWhileTheLineIsAwayIsSentWhenItIsBack() throws Exception {
        CompletableFuture<SocketChannel> next = new CompletableFuture<>();
        try (ServerSocketChannel first = listen("g0");
                ServerSocketChannel second = listen("g1");
                PipedOutputStream keys = new PipedOutputStream();
                PipedInputStream typed = new PipedInputStream(keys);
                ConsoleSession session = new ConsoleSession(
                        () -> next.getNow(null) == null ? nobody() : next.join(), typed, display, PATIENCE)) {
            CompletableFuture<End> end = run(session, connect("g0"), () -> {});
            first.accept().close();
            keys.write("typed".getBytes(StandardCharsets.UTF_8));
            keys.flush();
            while (typed.available() > 0) {
                Thread.onSpinWait(); // until the session has it
            }
            next.complete(connect("g1"));
            try (SocketChannel guest = second.accept()) {
                assertThat(read(guest, 5)).isEqualTo("typed");
            }
            keys.write(0x1d);
            keys.flush();
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(End.DETACHED);
        }
    }

    private static SocketChannel nobody() throws IOException {
        throw new IOException("nobody is there");
    }

    @Test
    void aLineThatDoesNotComeBackIsGone() throws Exception {
        try (ServerSocketChannel first = listen("g0");
                PipedOutputStream keys = new PipedOutputStream();
                ConsoleSession session = new ConsoleSession(
                        ConsoleSessionTest::nobody, new PipedInputStream(keys), display, Duration.ofMillis(200))) {
            CompletableFuture<End> end = run(session, connect("g0"), () -> {});
            first.accept().close();
            assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(End.GONE);
        }
    }

    @Test
    void theEndOfWhatIsTypedDetaches() throws Exception {
        PipedOutputStream keys = new PipedOutputStream();
        try (ServerSocketChannel first = listen("g0");
                ConsoleSession session =
                        new ConsoleSession(ConsoleSessionTest::nobody, new PipedInputStream(keys), display, PATIENCE)) {
            CompletableFuture<End> end = run(session, connect("g0"), () -> {});
            try (SocketChannel guest = first.accept()) {
                keys.write("q".getBytes(StandardCharsets.UTF_8));
                keys.close();
                assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(End.DETACHED);
                assertThat(read(guest, 2)).isEqualTo("q");
            }
        }
    }

    /** A stopped guest reads nothing, and the line's buffer is full after some hundred kilobytes. */
    @Test
    void aGuestThatDoesNotListenCannotKeepAnybodyAttached() throws Exception {
        for (byte[] last : List.of(new byte[] {0x1d}, new byte[0])) {
            String place = "g" + last.length;
            PipedOutputStream keys = new PipedOutputStream();
            try (ServerSocketChannel first = listen(place);
                    ConsoleSession session = new ConsoleSession(
                            ConsoleSessionTest::nobody, new PipedInputStream(keys, 1 << 20), display, PATIENCE)) {
                CompletableFuture<End> end = run(session, connect(place), () -> {});
                try (SocketChannel _ = first.accept()) {
                    keys.write(new byte[900_000]);
                    keys.write(last);
                    keys.flush();
                    if (last.length == 0) {
                        signal(session);
                    }
                    assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(End.DETACHED);
                }
            }
        }
    }

    @Test
    void aSignalBeforeItHasBegunDetachesToo() throws Exception {
        try (ServerSocketChannel _ = listen("g0");
                PipedOutputStream keys = new PipedOutputStream();
                ConsoleSession session =
                        new ConsoleSession(ConsoleSessionTest::nobody, new PipedInputStream(keys), display, PATIENCE)) {
            signal(session);
            assertThat(run(session, connect("g0"), () -> {}).get(10, TimeUnit.SECONDS))
                    .isEqualTo(End.DETACHED);
        }
    }

    @Test
    void everythingOfAPipeIsSentBeforeItsEndDetaches() throws Exception {
        PipedOutputStream keys = new PipedOutputStream();
        try (ServerSocketChannel first = listen("g0");
                ConsoleSession session = new ConsoleSession(
                        ConsoleSessionTest::nobody, new PipedInputStream(keys, 1 << 21), display, PATIENCE)) {
            CompletableFuture<End> end = run(session, connect("g0"), () -> {});
            try (SocketChannel guest = first.accept()) {
                keys.write(new byte[2_000_000]);
                keys.close();
                assertThat(read(guest, 2_000_000)).hasSize(2_000_000);
                assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(End.DETACHED);
            }
        }
    }

    /** As the shutdown hook does it, in the middle of the session. */
    private static void signal(AutoCloseable session) throws Exception {
        session.close();
    }
}
