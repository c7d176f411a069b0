package dev.cprkit.cprctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A VM's QMP socket, served by this very process: each command has the answer that a test gave it. */
final class FakeQmp implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    final Map<String, String> answers = new ConcurrentHashMap<>(Map.of(
            "query-status", "{'running':true,'status':'running'}",
            "query-name", "{'name':'web-1'}",
            "query-memdev", "[{'id':'ram','size':67108864,'share':true}]",
            "query-migrate", "{}",
            "query-migrate-parameters", "{'mode':'normal'}",
            "query-chardev", "[{'label':'serial0','filename':'disconnected:unix:console.sock,server=on'}]"));
    final List<String> asked = new CopyOnWriteArrayList<>();
    private final ServerSocketChannel server;

    FakeQmp(Path socket) throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofPlatform().daemon().name("fake QMP").start(this::serve);
    }

    private void serve() {
        for (; ; ) {
            try {
                SocketChannel client = server.accept();
                Thread.ofPlatform().daemon().start(() -> talk(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void talk(SocketChannel client) {
        try (client) {
            send(
                    client,
                    "{'QMP':{'version':{'qemu':{'major':11,'minor':1,'micro':0},'package':''},'capabilities':[]}}");
            // It waits for the first bytes to guess their encoding, so it comes after the greeting.
            MappingIterator<JsonNode> requests =
                    JSON.readerFor(JsonNode.class).readValues(Channels.newInputStream(client));
            while (requests.hasNextValue()) {
                JsonNode request = requests.nextValue();
                asked.add(request.path("execute").asText() + request.path("arguments"));
                ObjectNode reply = (ObjectNode)
                        JSON.readTree(answer(request.path("execute").asText()));
                reply.set("id", request.path("id"));
                send(client, reply.toString());
            }
        } catch (IOException e) {
            // the client has hung up
        }
    }

    private String answer(String command) {
        if (command.equals("qmp_capabilities")) {
            return "{\"return\":{}}";
        }
        String answer = answers.getOrDefault(command, "");
        return (answer.isEmpty()
                        ? "{'error':{'class':'CommandNotFound','desc':'The command " + command
                                + " has not been found'}}"
                        : "{'return':" + answer + "}")
                .replace('\'', '"');
    }

    private static void send(SocketChannel client, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((text.replace('\'', '"') + "\r\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
