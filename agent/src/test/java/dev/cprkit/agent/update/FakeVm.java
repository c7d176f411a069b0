package dev.cprkit.agent.update;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A QMP server that behaves like a VM as far as an update can see, with any answer open to be changed by a test. */
final class FakeVm implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    /** Answers a command; an exception's message becomes an error reply, null says nothing at all. */
    interface Answer {
        Object to(JsonNode arguments) throws IOException;
    }

    final Map<String, Answer> answers = new ConcurrentHashMap<>();
    final List<String> commands = new CopyOnWriteArrayList<>();
    final Map<String, Boolean> capabilities = new ConcurrentHashMap<>();
    final Map<String, Object> parameters = new ConcurrentHashMap<>();
    final Path path;
    volatile String runState;
    volatile String migration = "none";
    volatile String error = "";
    volatile String mode = "normal";
    volatile String afterCont = "running";
    volatile boolean greets = true;
    final AtomicInteger cutsOff = new AtomicInteger();
    volatile Runnable afterReply = () -> {};
    volatile Runnable onQuit = this::close;
    private final ServerSocketChannel server;
    private boolean closed;
    private volatile Optional<SocketChannel> client = Optional.empty();

    FakeVm(Path path, String runState) throws IOException {
        this.path = path;
        this.runState = runState;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        defaults();
        Thread.ofPlatform().daemon().start(this::serve);
    }

    private void defaults() {
        answers.put("qmp_capabilities", a -> Map.of());
        answers.put("query-status", a -> Map.of("status", runState, "running", runState.equals("running")));
        answers.put("query-migrate", a -> Map.of("status", migration, "error-desc", error));
        parameters.put("max-bandwidth", 1 << 27);
        answers.put("query-migrate-parameters", a -> {
            Map<String, Object> all = new HashMap<>(parameters);
            all.put("mode", mode);
            return all;
        });
        answers.put("migrate-set-parameters", a -> {
            mode = a.path("mode").asText(mode);
            a.properties().stream()
                    .filter(one -> !one.getKey().equals("mode"))
                    .forEach(one -> parameters.put(one.getKey(), one.getValue()));
            return Map.of();
        });
        List.of("events", "return-path", "x-ignore-shared").forEach(name -> capabilities.put(name, false));
        answers.put(
                "query-migrate-capabilities",
                a -> capabilities.entrySet().stream()
                        .map(one -> Map.of("capability", one.getKey(), "state", one.getValue()))
                        .toList());
        answers.put("migrate-set-capabilities", a -> {
            a.path("capabilities")
                    .forEach(one -> capabilities.put(
                            one.path("capability").asText(), one.path("state").asBoolean()));
            return Map.of();
        });
        answers.put("query-memdev", a -> List.of(Map.of("id", "ram0", "size", 1 << 20, "share", true)));
        answers.put("query-machines", a -> List.of(Map.of("name", "virt")));
        answers.put("query-chardev", a -> List.of());
        answers.put("query-name", a -> Map.of());
        answers.put("qom-get", a -> true);
        answers.put("stop", a -> Map.of());
        answers.put("cont", a -> {
            runState = "running";
            return Map.of();
        });
        answers.put("quit", a -> {
            onQuit.run();
            return null;
        });
    }

    void event(String name, Map<String, Object> data) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        event.putObject("timestamp").put("seconds", micros / 1_000_000).put("microseconds", micros % 1_000_000);
        event.put("event", name).set("data", JSON.valueToTree(data));
        say(event);
    }

    void migration(String status) {
        migration = status;
        event("MIGRATION", Map.of("status", status));
    }

    private void serve() {
        while (server.isOpen()) {
            try (SocketChannel channel = server.accept()) {
                if (cutsOff.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    continue;
                }
                client = Optional.of(channel);
                if (greets) {
                    say(JSON.readTree("{\"QMP\":{\"version\":{\"qemu\":{\"major\":11,\"minor\":1,\"micro\":0},"
                            + "\"package\":\"fake\"},\"capabilities\":[]}}"));
                }
                converse(new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8)));
            } catch (IOException e) {
                client = Optional.empty(); // it hung up
            }
        }
    }

    private void converse(BufferedReader lines) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonNode message = JSON.readTree(line);
            String command = message.path("execute").asText();
            commands.add(command);
            ObjectNode reply = JsonNodeFactory.instance.objectNode();
            reply.set("id", message.get("id"));
            Answer answer = answers.get(command);
            try {
                if (answer == null) {
                    throw new IOException("The command " + command + " has not been found");
                }
                Object result = answer.to(message.path("arguments"));
                if (result == null) {
                    continue;
                }
                reply.set("return", JSON.valueToTree(result));
            } catch (IOException e) {
                reply.putObject("error").put("class", "GenericError").put("desc", e.getMessage());
            }
            say(reply);
            Runnable next = afterReply;
            afterReply = () -> {};
            next.run();
        }
    }

    private synchronized void say(JsonNode message) {
        ByteBuffer bytes = ByteBuffer.wrap((message + "\r\n").getBytes(StandardCharsets.UTF_8));
        try {
            Optional<SocketChannel> connected = client; // it may hang up at any moment
            if (connected.isPresent()) {
                connected.get().write(bytes);
            }
        } catch (IOException e) {
            // a dead VM says nothing
        }
    }

    /** Ends it as a process ends: nobody listens any more, and a connected client sees the end. */
    @Override
    public synchronized void close() {
        if (closed) {
            return; // what is at its path by now is another's
        }
        closed = true;
        try {
            Files.deleteIfExists(path);
            server.close();
            Optional<SocketChannel> connected = client;
            if (connected.isPresent()) {
                connected.get().close();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
