package dev.cprkit.agent.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.OperationException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Asks the agent at a unix socket. Any thread may use it; each question has a connection of its own, so nothing is to be
 * closed.
 */
public final class AgentClient {
    private static final byte[] NOTHING = {};

    /** For the least of questions: whether somebody is there. */
    private static final Duration PROBE = Duration.ofSeconds(2);

    private final Path socket;
    private final Duration limit;

    /**
     * A client.
     *
     * @param limit for each wait for a part of an answer
     */
    public AgentClient(Path socket, Duration limit) {
        this.socket = socket;
        this.limit = limit;
    }

    /** Whether an agent answers there, and would answer this user. */
    public static boolean answers(Path socket) {
        if (!socket.toFile().exists()) {
            return false;
        }
        try (HttpExchange exchange = HttpExchange.send(socket, PROBE, "GET", "/healthz", Map.of(), NOTHING)) {
            return exchange.status() == HttpCode.OK.number();
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether an agent says anything there, be it well or not; true as well where there is no socket to ask at. */
    public static boolean speaks(Path socket) {
        if (!socket.toFile().exists()) {
            return true;
        }
        try (HttpExchange exchange = HttpExchange.send(socket, PROBE, "GET", "/healthz", Map.of(), NOTHING)) {
            return exchange.status() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Gets a document; empty if there is none there. */
    public Optional<JsonNode> find(String target) throws OperationException {
        try (HttpExchange exchange = send("GET", target, Map.of(), NOTHING, limit)) {
            if (exchange.status() == HttpCode.NOT_FOUND.number()) {
                return Optional.empty();
            }
            return Optional.of(answer(exchange));
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /** Gets a document. */
    public JsonNode get(String target) throws OperationException {
        return get(target, limit);
    }

    /** Gets a document that may take so long to begin. */
    public JsonNode get(String target, Duration patience) throws OperationException {
        return ask("GET", target, NOTHING, patience);
    }

    /** Sends a document and gets the answer. */
    public JsonNode put(String target, JsonNode body) throws OperationException {
        return ask("PUT", target, bytes(body), limit);
    }

    /** Sends a document and gets the answer, which may take so long to begin. */
    public JsonNode post(String target, JsonNode body, Duration patience) throws OperationException {
        return ask("POST", target, bytes(body), patience);
    }

    /** Posts nothing. */
    public JsonNode post(String target) throws OperationException {
        return ask("POST", target, NOTHING, limit);
    }

    private JsonNode ask(String method, String target, byte[] body, Duration patience) throws OperationException {
        try (HttpExchange exchange = send(method, target, Map.of(), body, patience)) {
            return answer(exchange);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /** A stream of events from the one after {@code lastId}; its head is read, and it is a stream. */
    HttpExchange events(String lastId, Duration patience) throws OperationException, IOException {
        HttpExchange exchange = send(
                "GET", "/v1/events", lastId.isEmpty() ? Map.of() : Map.of("Last-Event-ID", lastId), NOTHING, patience);
        if (exchange.status() != HttpCode.OK.number()) {
            try (exchange) {
                answer(exchange);
            }
            throw new IOException("there is no stream of events, but the answer " + exchange.status());
        }
        return exchange;
    }

    private HttpExchange send(String method, String target, Map<String, String> headers, byte[] body, Duration patience)
            throws IOException {
        return HttpExchange.send(socket, patience, method, target, headers, body);
    }

    private JsonNode answer(HttpExchange exchange) throws IOException, OperationException {
        byte[] body = exchange.body();
        try {
            JsonNode document = Fields.parse(body);
            if (exchange.status() < 300) {
                return document;
            }
            Fields error = Fields.of(document).document("error");
            throw new OperationException(
                    ExitStatus.of(error.text("status")).orElse(ExitStatus.ATTENTION), error.text("message"));
        } catch (ApiException e) {
            throw new IOException("it answers " + exchange.status() + ", and " + e.getMessage(), e);
        }
    }

    OperationException unreachable(IOException e) {
        return new OperationException(
                ExitStatus.UNREACHABLE, "the agent at " + socket + " does not answer: " + e.getMessage());
    }

    /** A name as a part of a path. */
    static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static byte[] bytes(JsonNode body) {
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }
}
