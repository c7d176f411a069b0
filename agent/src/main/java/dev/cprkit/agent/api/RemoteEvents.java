package dev.cprkit.agent.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationListener;
import dev.cprkit.agent.operation.OperationService.Subscription;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Tells a listener what an agent's stream of events tells, on a thread of its own. A stream that breaks is taken up where
 * it ended, until this is closed: an agent may be restarted under it.
 */
final class RemoteEvents implements Subscription {
    /** The agent says something at least every ten seconds. */
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private static final int REMEMBERED = 1024;

    private static final Duration AGAIN = Duration.ofMillis(500);

    private final AgentClient client;
    private final OperationListener listener;
    private final AtomicReference<HttpExchange> stream;
    private final CountDownLatch closed = new CountDownLatch(1);
    /** How far each operation was when it was last told of. */
    private final Map<String, Integer> seen = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > REMEMBERED;
        }
    };

    private String lastId = "";

    private RemoteEvents(AgentClient client, OperationListener listener, HttpExchange first) {
        this.client = client;
        this.listener = listener;
        this.stream = new AtomicReference<>(first);
    }

    /** Connects, so that everything from now on is told, and goes on in the background. */
    static RemoteEvents begin(AgentClient client, OperationListener listener) throws OperationException {
        try {
            RemoteEvents events = new RemoteEvents(client, listener, client.events("", SILENCE));
            Thread.ofVirtual().name("cprkit-events").start(events::run);
            return events;
        } catch (IOException e) {
            throw client.unreachable(e);
        }
    }

    private void run() {
        while (closed.getCount() > 0) {
            try (HttpExchange now = stream.get()) {
                read(now);
            } catch (IOException e) {
                // taken up again below
            }
            reconnect();
        }
        stream.get().close();
    }

    private void reconnect() {
        try {
            while (!closed.await(AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    stream.set(client.events(lastId, SILENCE));
                    return;
                } catch (IOException | OperationException e) {
                    // not there yet
                }
            }
        } catch (InterruptedException e) {
            closed.countDown();
        }
    }

    /** The format: HTML standard, 9.2.6. */
    private void read(HttpExchange now) throws IOException {
        StringBuilder data = new StringBuilder();
        String id = lastId;
        while (closed.getCount() > 0) {
            String line = now.line();
            if (line.startsWith("id:")) {
                id = line.substring(3).strip();
            } else if (line.startsWith("data:")) {
                data.append(line.substring(5).strip());
            } else if (line.isEmpty()) {
                if (!data.isEmpty()) {
                    tell(data.toString());
                    data.setLength(0);
                }
                lastId = id;
            }
        }
    }

    private void tell(String data) throws IOException {
        try {
            JsonNode document = Fields.parse(data.getBytes(StandardCharsets.UTF_8));
            Fields event = Fields.of(document).document("event");
            Operation operation = OperationJson.operation(event.part("operation"));
            if (!isNews(operation)) {
                return;
            }
            switch (event.text("event")) {
                case "began" -> listener.began(operation);
                case "entered" -> listener.entered(operation, OperationJson.step(event.object("step")));
                case "found" -> listener.found(operation, CheckJson.finding(event.object("finding")));
                case "ended" -> listener.ended(operation);
                default -> {
                    // of a newer agent
                }
            }
        } catch (ApiException e) {
            throw new IOException("an event cannot be read: " + e.getMessage(), e);
        }
    }

    /** After a restart an agent may tell something twice; each event has one step, finding or end more than the last. */
    private boolean isNews(Operation operation) {
        int progress = operation.steps().size()
                + operation.findings().size()
                + (operation.outcome().isPresent() ? 1 : 0);
        Integer before = seen.get(operation.id());
        if (before != null && progress <= before) {
            return false;
        }
        seen.put(operation.id(), progress);
        return true;
    }

    @Override
    public void close() {
        closed.countDown();
        stream.get().close();
    }
}
