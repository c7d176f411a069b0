package dev.cprkit.agent.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.agent.api.Fields;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.journal.AuditEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.logging.Level;

/** A real agent on a socket in a test's folder, with operations and VMs that the test makes up. */
final class TestAgent implements AutoCloseable {
    final FakeOperations operations;
    final FakeVms vms;
    final List<AuditEntry> audit = Collections.synchronizedList(new ArrayList<>());
    final Path socket;
    final Agent agent;
    volatile Optional<String> trouble = Optional.empty();

    /** Changes when another process writes to the journal. */
    volatile long foreign;

    private TestAgent(Path folder, UnaryOperator<AgentConfig> change, FakeOperations operations, FakeVms vms)
            throws Exception {
        this.operations = operations;
        this.vms = vms;
        AgentConfig config =
                change.apply(ConfigFile.defaults(new Home(folder.resolve("run"), folder.resolve("state")), true));
        this.socket = config.socket();
        Host host = new Host(
                operations,
                operations,
                () -> {},
                vms,
                audit::add,
                new Host.JournalState() {
                    @Override
                    public Optional<String> trouble() {
                        return trouble;
                    }

                    @Override
                    public long foreignVersion() {
                        return foreign;
                    }
                },
                folder.resolve("host-updates"),
                4);
        AgentLog.install(Level.SEVERE, Map.of(), System.err);
        agent = new Agent(config, host, false);
        agent.start();
    }

    static TestAgent start(Path folder) throws Exception {
        return start(folder, config -> config);
    }

    static TestAgent start(Path folder, UnaryOperator<AgentConfig> change) throws Exception {
        return new TestAgent(folder, change, new FakeOperations(), new FakeVms("a", "b", "c"));
    }

    /** The next agent, with what the one before has left. */
    static TestAgent after(Path folder, TestAgent before) throws Exception {
        return new TestAgent(folder, config -> config, before.operations, before.vms);
    }

    /** With other limits. */
    static UnaryOperator<AgentConfig> limits(int connections, int waits, Duration requestTime) {
        return c -> new AgentConfig(
                c.socket(),
                c.socketGroup(),
                c.operationsAtOnce(),
                c.programFolders(),
                c.logLevel(),
                c.stopLimit(),
                c.keep(),
                new AgentConfig.Limits(connections, waits, requestTime),
                c.tls(),
                c.rules());
    }

    /** With rules. */
    static UnaryOperator<AgentConfig> rules(AccessRule... rules) {
        return c -> new AgentConfig(
                c.socket(),
                c.socketGroup(),
                c.operationsAtOnce(),
                c.programFolders(),
                c.logLevel(),
                c.stopLimit(),
                c.keep(),
                c.limits(),
                c.tls(),
                List.of(rules));
    }

    SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    /** An answer. */
    record Answer(int code, String head, String body) {
        JsonNode json() throws Exception {
            return Fields.parse(body.getBytes(StandardCharsets.UTF_8));
        }

        /** The message of an error. */
        String message() throws Exception {
            return json().path("message").asText();
        }
    }

    Answer get(String target) throws IOException {
        return ask("GET", target, "");
    }

    Answer ask(String method, String target, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return raw(method + " " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
                + bytes.length + "\r\n\r\n" + body);
    }

    /** Sends just that, and reads to the end. */
    Answer raw(String request) throws IOException {
        try (SocketChannel channel = connect()) {
            write(channel, request);
            return answer(channel);
        }
    }

    static void write(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    static Answer answer(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer some = ByteBuffer.allocate(65536);
        try {
            while (channel.read(some.clear()) >= 0) {
                all.write(some.array(), 0, some.position());
            }
        } catch (IOException e) {
            if (all.size() == 0) {
                throw e; // closed with our bytes unread: what was answered before that counts
            }
        }
        String text = all.toString(StandardCharsets.UTF_8);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            throw new IOException("no answer, but '" + text + "'");
        }
        return new Answer(Integer.parseInt(text.substring(9, 12)), text.substring(0, end), text.substring(end + 4));
    }

    /** Waits until something holds, or fails. */
    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError(what + " did not come within 20 s");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        agent.close();
    }
}
