package dev.cprkit.vmm.chardev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.vmm.run.Yank;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SocketChardevTest {
    @TempDir
    private Path folder;

    private String path;
    private LoopThread loop;
    private final Collector frontend = new Collector();
    private final Yank yank = new Yank();

    @BeforeEach
    void start() throws Exception {
        path = folder.resolve("s").toString();
        loop = new LoopThread();
    }

    @AfterEach
    void stop() throws Exception {
        loop.close();
    }

    @Test
    void servesOneClientAfterAnother() throws Exception {
        SocketChardev chardev = server(new SocketTarget.Unix(path));
        assertThat(chardev.filename()).isEqualTo("disconnected:unix:" + path + ",server=on");
        Peer next;
        try (Peer first = Peer.connect(path)) {
            assertThat(frontend.next()).isEqualTo("<opened>");
            assertThat(chardev.filename()).isEqualTo("unix:" + path + ",server=on");
            first.send("hello");
            assertThat(frontend.next()).isEqualTo("hello");
            write(chardev, "there\n");
            assertThat(first.readTo("\n")).isEqualTo("there\n");
            Peer second = Peer.connect(path);
            second.send("me too");
            write(chardev, "only to the first\n");
            assertThat(first.readTo("\n")).isEqualTo("only to the first\n");
            assertThat(frontend.now()).isEmpty();
            next = second;
        }
        try (Peer second = next) {
            assertThat(frontend.next()).isEqualTo("<closed>");
            assertThat(frontend.next()).isEqualTo("<opened>");
            assertThat(frontend.next()).isEqualTo("me too");
            write(chardev, "hi\n");
            assertThat(second.readTo("\n")).isEqualTo("hi\n");
        }
        close(chardev);
    }

    @Test
    @Timeout(20)
    void aListenerThatLetsNobodyInIsGivenUp() throws Exception {
        int listener = Sockets.listenUnix(path, 0);
        List<Integer> waiting = new ArrayList<>();
        try {
            SocketAddresses addresses = new SocketAddresses(new SocketTarget.Unix(path), 20_000_000);
            assertThatThrownBy(() -> {
                        while (waiting.size() < 8) { // until the backlog is full
                            waiting.add(addresses.connect());
                        }
                    })
                    .hasMessage("Failed to connect to '" + path + "': nobody accepted the connection in time");
        } finally {
            waiting.forEach(Fds::close);
            Fds.close(listener);
        }
    }

    @Test
    void removesItsSocketFileButNotItsSuccessors() throws Exception {
        SocketChardev first = server(new SocketTarget.Unix(path));
        close(first);
        assertThat(Path.of(path)).doesNotExist();
        SocketChardev second = server(new SocketTarget.Unix(path));
        Files.delete(Path.of(path));
        SocketChardev successor = server(new SocketTarget.Unix(path));
        close(second);
        assertThat(Path.of(path)).exists();
        close(successor);
        assertThat(Path.of(path)).doesNotExist();
    }

    @Test
    void aStalledReaderBlocksNobody() throws Exception {
        SocketChardev chardev = server(new SocketTarget.Unix(path));
        byte[] chunk = new byte[32 << 10];
        try (Peer peer = Peer.connect(path)) {
            assertThat(frontend.next()).isEqualTo("<opened>");
            for (int i = 0; i < 1000; i++) {
                loop.call(() -> {
                    chardev.write(chunk, 0, chunk.length);
                    return null;
                });
            }
            assertThat(chardev.queued()).isBetween(1, frontend.limit + chunk.length);
            assertThat(frontend.next()).isEqualTo("<overflowed>");
            frontend.now();
            while (loop.call(chardev::queued) > 0) {
                peer.readTo("\0".repeat(4096));
            }
            assertThat(frontend.next()).isEqualTo("<drained>");
        }
        close(chardev);
    }

    @Test
    void leavesInputWhereItIsWhileTheFrontendHasNoRoom() throws Exception {
        SocketChardev chardev = server(new SocketTarget.Unix(path));
        frontend.room = 0;
        try (Peer peer = Peer.connect(path)) {
            assertThat(frontend.next()).isEqualTo("<opened>");
            int sent = peer.sendUntilFull(new byte[4096]);
            assertThat(sent).isGreaterThan(0).isLessThan(8 << 20);
            assertThat(frontend.now()).isEmpty();
            makeRoom(chardev, 1 << 20);
            int received = 0;
            while (received < sent) {
                received += frontend.next().length();
            }
            assertThat(received).isEqualTo(sent);
        }
        close(chardev);
    }

    @Test
    void keepsWhatAPeerSentBeforeItWentAway() throws Exception {
        SocketChardev chardev = server(new SocketTarget.Unix(path));
        frontend.room = 0;
        try (Peer peer = Peer.connect(path)) {
            assertThat(frontend.next()).isEqualTo("<opened>");
            peer.send("last words");
        }
        // The hang-up is seen first, by the same poll(2) that sees the next client.
        try (Peer later = Peer.connect(path)) {
            later.send("!");
            makeRoom(chardev, 4);
            assertThat(frontend.next() + frontend.next() + frontend.next()).isEqualTo("last words");
            assertThat(frontend.next()).isEqualTo("<closed>");
            assertThat(frontend.next()).isEqualTo("<opened>");
            assertThat(frontend.next()).isEqualTo("!");
        }
        close(chardev);
    }

    @Test
    void receivesDescriptors() throws Exception {
        SocketChardev chardev = server(new SocketTarget.Unix(path));
        int file = Fds.open(folder.resolve("f").toString(), Fds.O_RDWR | Fds.O_CREAT, 0600);
        try (Peer peer = Peer.connect(path)) {
            frontend.next();
            peer.send("x", file, file);
            assertThat(frontend.next()).isEqualTo("x");
            int[] taken = loop.call(chardev::takeDescriptors);
            assertThat(taken).hasSize(2).doesNotContain(file);
            assertThat(loop.call(chardev::takeDescriptors)).isEmpty();
            for (int fd : taken) {
                assertThat(Fds.isOpen(fd)).isTrue();
                Fds.close(fd);
            }
            peer.send("y", file);
            frontend.next();
        }
        assertThat(frontend.next()).isEqualTo("<closed>");
        Fds.close(file);
        close(chardev);
        assertThat(openFiles(folder.resolve("f")))
                .as("descriptors that nobody took")
                .isZero();
    }

    @Test
    void namesBothEndsOfATcpConnection() throws Exception {
        SocketChardev server = server(new SocketTarget.Inet("127.0.0.1", 0));
        String idle = server.filename();
        assertThat(idle).startsWith("disconnected:tcp:127.0.0.1:").endsWith(",server=on");
        int port = Integer.parseInt(idle.substring(idle.lastIndexOf(':') + 1, idle.indexOf(',')));
        SocketChardev client = open(config(new SocketTarget.Inet("localhost", port), false, 0));
        assertThat(frontend.next()).isEqualTo("<opened>");
        assertThat(server.filename()).startsWith("tcp:127.0.0.1:" + port + ",server=on <-> 127.0.0.1:");
        assertThat(client.filename()).startsWith("tcp:127.0.0.1:").endsWith(" <-> 127.0.0.1:" + port);
        close(client);
        close(server);
    }

    @Test
    void connectsAgainAfterALoss() throws Exception {
        SocketChardev client = open(config(new SocketTarget.Unix(path), false, 1));
        chardevAttach(client);
        assertThat(client.filename()).isEqualTo("disconnected:unix:" + path);
        int listener = Sockets.listenUnix(path, 1);
        try (Peer first = new Peer(Sockets.accept(listener))) {
            assertThat(frontend.next()).isEqualTo("<opened>");
            first.send("1");
            assertThat(frontend.next()).isEqualTo("1");
        }
        assertThat(frontend.next()).isEqualTo("<closed>");
        try (Peer second = new Peer(Sockets.accept(listener))) {
            assertThat(frontend.next()).isEqualTo("<opened>");
            write(client, "2\n");
            assertThat(second.readTo("\n")).isEqualTo("2\n");
        }
        close(client);
        Fds.close(listener);
    }

    @Test
    void aYankEndsTheConnectionAndTheNextIsMade() throws Exception {
        SocketChardev server = server(new SocketTarget.Unix(path));
        Yank.Target target = Yank.Target.chardev("c");
        assertThat(yank.targets()).containsExactly(target);
        assertThat(yank.pull(List.of(target))).as("without a connection").isTrue();
        try (Peer first = Peer.connect(path)) {
            assertThat(frontend.next()).isEqualTo("<opened>");
            assertThat(yank.pull(List.of(target))).isTrue();
            assertThat(first.readAll()).isEmpty();
            assertThat(frontend.next()).isEqualTo("<closed>");
        }
        try (Peer second = Peer.connect(path)) {
            assertThat(frontend.next()).isEqualTo("<opened>");
            second.send("still here");
            assertThat(frontend.next()).isEqualTo("still here");
            makeRoom(server, 0);
            second.sendUntilFull(new byte[4096]);
            assertThat(yank.pull(List.of(target))).isTrue();
            String end = frontend.next();
            while (!end.startsWith("<")) {
                end = frontend.next();
            }
            assertThat(end).as("of one that is not read").isEqualTo("<closed>");
        }
        try (Peer third = Peer.connect(path)) {
            assertThat(frontend.next()).isEqualTo("<opened>");
            third.send("waits");
        }
        close(server);
        assertThat(yank.targets()).isEmpty();
    }

    @Test
    void waitsForItsFirstClientWhenAsked() throws Exception {
        ChardevConfig.Socket config =
                new ChardevConfig.Socket("c", new SocketTarget.Unix(path), true, true, 0, false, ChardevOptions.NONE);
        CompletableFuture<Peer> peer = CompletableFuture.supplyAsync(() -> connectWhenThere(path));
        SocketChardev chardev = loop.call(() -> new SocketChardev(config, loop.loop(), yank));
        assertThat(chardev.filename()).isEqualTo("unix:" + path + ",server=on");
        peer.get(10, TimeUnit.SECONDS).close();
        close(chardev);
    }

    @Test
    void takesInheritedListeners() throws Exception {
        int listener = Sockets.listenUnix(path, 1);
        SocketChardev chardev = server(new SocketTarget.Fd(listener));
        try (Peer peer = Peer.connect(path)) {
            assertThat(frontend.next()).isEqualTo("<opened>");
            peer.send("z");
            assertThat(frontend.next()).isEqualTo("z");
        }
        close(chardev);
        assertThat(Fds.isOpen(listener)).isFalse();
    }

    @Test
    void listensOnAbstractNames() throws Exception {
        String name = "cprkit-test-" + ProcessHandle.current().pid();
        SocketChardev chardev = server(new SocketTarget.Unix(name, true, true));
        try (Peer peer = Peer.connect("\0" + name)) {
            assertThat(frontend.next()).isEqualTo("<opened>");
            peer.send("a");
            assertThat(frontend.next()).isEqualTo("a");
        }
        close(chardev);
    }

    @Test
    void saysWhyItCannotOpen() {
        assertThatThrownBy(() -> open(config(new SocketTarget.Unix(path), false, 0)))
                .hasMessage("Failed to connect to '" + path + "': No such file or directory");
        assertThatThrownBy(() -> open(config(new SocketTarget.Unix(folder + "/no/such"), true, 0)))
                .hasMessage("Failed to bind socket to " + folder + "/no/such: No such file or directory");
        assertThatThrownBy(() -> open(config(new SocketTarget.Fd(9999), true, 0)))
                .hasMessageStartingWith("File descriptor '9999' is not open");
        assertThatThrownBy(() -> open(new ChardevConfig.Socket(
                        "c", new SocketTarget.Unix(path), true, false, 0, true, ChardevOptions.NONE)))
                .hasMessage("chardev 'c': telnet is not supported; use a plain socket");
    }

    private static Peer connectWhenThere(String path) {
        for (; ; ) {
            try {
                return Peer.connect(path);
            } catch (java.io.IOException e) {
                Thread.onSpinWait();
            }
        }
    }

    private static long openFiles(Path file) throws Exception {
        long count = 0;
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                if (Files.exists(descriptor) && Files.isSameFile(descriptor, file)) {
                    count++;
                }
            }
        }
        return count;
    }

    private static ChardevConfig.Socket config(SocketTarget target, boolean server, long reconnectMs) {
        return new ChardevConfig.Socket("c", target, server, false, reconnectMs, false, ChardevOptions.NONE);
    }

    private SocketChardev server(SocketTarget target) throws Exception {
        SocketChardev chardev = open(config(target, true, 0));
        if (frontend.happened.isEmpty()) {
            chardevAttach(chardev);
        }
        return chardev;
    }

    private SocketChardev open(ChardevConfig.Socket config) throws Exception {
        return loop.call(() -> new SocketChardev(config, loop.loop(), yank));
    }

    private void chardevAttach(SocketChardev chardev) throws Exception {
        loop.call(() -> {
            if (!chardev.frontendOpen()) {
                chardev.attach(frontend);
            }
            return null;
        });
    }

    private void makeRoom(SocketChardev chardev, int room) throws Exception {
        loop.call(() -> {
            frontend.room = room;
            chardev.acceptInput();
            return null;
        });
    }

    private void write(Chardev chardev, String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        loop.call(() -> {
            chardev.write(bytes, 0, bytes.length);
            return null;
        });
    }

    private void close(Chardev chardev) throws Exception {
        loop.call(() -> {
            chardev.close();
            return null;
        });
    }
}
