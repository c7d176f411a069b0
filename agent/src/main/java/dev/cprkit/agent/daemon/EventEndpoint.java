package dev.cprkit.agent.daemon;

import dev.cprkit.agent.api.ApiException;
import dev.cprkit.agent.api.HttpCode;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationService;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code /v1/events}: server-sent events (HTML standard, 9.2), one document in each. Any thread may call. */
final class EventEndpoint {
    /** A comment is sent after so long without an event, so that a caller that is gone is noticed. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);

    private static final int PAST = 1000;

    private final EventHub hub;
    private final OperationService operations;
    private final Connections connections;
    private final int waitsPerCaller;

    EventEndpoint(EventHub hub, OperationService operations, Connections connections, int waitsPerCaller) {
        this.hub = hub;
        this.operations = operations;
        this.connections = connections;
        this.waitsPerCaller = waitsPerCaller;
    }

    List<Route> routes() {
        return List.of(new Route(
                "GET", "/v1/events", Optional.of(Role.READER), Set.of("after"), Set.of(HttpCode.OK), this::events));
    }

    private Reply events(Exchange exchange) throws ApiException, OperationException {
        long after = after(exchange);
        Connections.Busy place = connections.waiting(exchange.request(), waitsPerCaller);
        List<Operation> past;
        try {
            past = after == 0 ? List.of() : operations.history(Optional.empty(), PAST);
        } catch (OperationException e) {
            place.close();
            throw e;
        }
        EventHub.Listener listener = hub.listen(after, past);
        return new Reply.Stream(lines -> {
            try (listener;
                    place) {
                write(listener, lines);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static void write(EventHub.Listener listener, Reply.Lines lines) throws IOException, InterruptedException {
        lines.send("retry: 500\n\n"); // the head goes out now, so that the caller knows that it is told
        while (!listener.isEnded()) {
            Optional<EventHub.Numbered> next = listener.next(HEARTBEAT);
            if (next.isPresent()) {
                EventHub.Numbered one = next.get();
                lines.send(
                        "id: " + one.number() + "\nevent: " + one.event().kind().kindName() + "\ndata: "
                                + one.event().json() + "\n\n");
            } else {
                lines.send(": still here\n\n");
            }
        }
    }

    private static long after(Exchange exchange) throws ApiException {
        String header = exchange.request().getHeaders().get("Last-Event-ID");
        String text = header != null ? header : exchange.query().getOrDefault("after", "0");
        try {
            long number = Long.parseLong(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new ApiException(
                HttpCode.BAD_REQUEST, "the header 'Last-Event-ID' and the parameter 'after' take the id of an event");
    }
}
