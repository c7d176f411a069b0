package dev.cprkit.agent.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
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
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A QMP server that has a migration mode, and tells what blocks it in that mode. */
final class ModalVm implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String GREETING =
            "{\"QMP\":{\"version\":{\"qemu\":{\"major\":11,\"minor\":1,\"micro\":0},\"package\":\"\"},\"capabilities\":[]}}";

    final Path path;
    final List<String> modes = new CopyOnWriteArrayList<>();
    final AtomicInteger connections = new AtomicInteger();
    volatile String mode = "normal";
    volatile List<String> unknown = List.of();
    volatile boolean tellsAll;
    volatile String failsAt = "";
    volatile String hangsUpAt = "";
    private final ServerSocketChannel server;

    ModalVm(Path path) throws IOException {
        this.path = path;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        Thread.ofPlatform().daemon().start(this::serve);
    }

    private void serve() {
        while (server.isOpen()) {
            try (SocketChannel channel = server.accept()) {
                connections.incrementAndGet();
                say(channel, GREETING);
                BufferedReader lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    JsonNode message = JSON.readTree(line);
                    String command = message.path("execute").asText();
                    if (command.equals(hangsUpAt)) {
                        break;
                    }
                    say(
                            channel,
                            "{\"id\":" + message.get("id") + "," + answer(command, message.path("arguments")) + "}");
                }
            } catch (IOException e) {
                // the client hung up, or the test has ended
            }
        }
    }

    private String answer(String command, JsonNode arguments) {
        if (command.equals(failsAt)) {
            return error("it fails");
        }
        return switch (command) {
            case "qmp_capabilities" -> "\"return\":{}";
            case "query-migrate" -> "\"return\":{\"blocked-reasons\":[\"blocked in " + mode + "\"]}";
            case "x-query-migration-blockers" ->
                tellsAll
                        ? "\"return\":[{\"mode\":\"cpr-exec\",\"reasons\":[\"private\"]},{\"mode\":\"normal\",\"reasons\":[]}]"
                        : error("The command has not been found");
            case "migrate-set-parameters" -> set(arguments.path("mode").asText());
            default -> error("The command has not been found");
        };
    }

    private String set(String wanted) {
        if (unknown.contains(wanted)) {
            return error("no mode " + wanted);
        }
        mode = wanted;
        modes.add(wanted);
        return "\"return\":{}";
    }

    private static String error(String text) {
        return "\"error\":{\"class\":\"GenericError\",\"desc\":\"" + text + "\"}";
    }

    private static void say(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap((text + "\r\n").getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
