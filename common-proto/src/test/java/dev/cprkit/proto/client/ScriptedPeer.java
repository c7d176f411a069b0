package dev.cprkit.proto.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Accepts a client and says what a test wants it to say. Close it to end it. */
final class ScriptedPeer implements AutoCloseable {
    static final String GREETING = "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 1, \"minor\": 1, \"major\": 11},"
            + " \"package\": \"scripted\"}, \"capabilities\": [\"oob\"]}}\r\n";

    /** What the peer does with its client. */
    interface Script {
        void play(Conversation client) throws IOException;
    }

    private final ServerSocketChannel server;
    private final Thread thread;

    ScriptedPeer(Path path, Script script) throws IOException {
        this(path, 1, script);
    }

    /** A peer that takes so many clients, one after another. */
    ScriptedPeer(Path path, int clients, Script script) throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        thread = Thread.ofPlatform().daemon().start(() -> {
            for (int i = 0; i < clients; i++) {
                serve(script);
            }
        });
    }

    private void serve(Script script) {
        try (SocketChannel channel = server.accept()) {
            script.play(new Conversation(channel));
        } catch (IOException e) {
            // the client hung up, or the test is over
        }
    }

    /** A peer that greets and accepts the negotiation first. */
    static ScriptedPeer negotiated(Path path, Script script) throws IOException {
        return new ScriptedPeer(path, client -> {
            client.say(GREETING);
            client.line();
            client.say("{\"return\": {}, \"id\": 1}\r\n");
            script.play(client);
        });
    }

    @Override
    public void close() throws IOException {
        server.close();
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The connection to the client. */
    static final class Conversation {
        private final SocketChannel channel;
        private final BufferedReader lines;

        Conversation(SocketChannel channel) {
            this.channel = channel;
            this.lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        }

        void say(String text) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        /** The next line from the client; null when it has hung up. */
        String line() throws IOException {
            return lines.readLine();
        }

        /** Stays, saying nothing, until the client hangs up. */
        void holdOn() throws IOException {
            while (line() != null) {}
        }
    }
}
