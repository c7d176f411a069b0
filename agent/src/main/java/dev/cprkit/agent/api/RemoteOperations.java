package dev.cprkit.agent.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationListener;
import dev.cprkit.agent.operation.OperationService;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.vm.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The operations of the agent at a unix socket. Any thread may call; nothing that goes on ends when this is closed. */
public final class RemoteOperations implements OperationService {
    /** For an answer that needs no waiting. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** The longest that one question waits for an operation's end. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final AgentClient client;

    public RemoteOperations(Path socket) {
        this.client = new AgentClient(socket, LIMIT);
    }

    @Override
    public Operation begin(Optional<String> id, OperationSpec spec) throws OperationException {
        String name = id.orElseGet(() -> UUID.randomUUID().toString());
        return operation(client.put(path(name), OperationJson.of(spec)));
    }

    @Override
    public Optional<Operation> find(String id) throws OperationException {
        Optional<JsonNode> document = client.find(path(id));
        return document.isEmpty() ? Optional.empty() : Optional.of(operation(document.get()));
    }

    @Override
    public Operation await(String id, Duration limit) throws OperationException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (; ; ) {
            long left = Math.clamp(deadline - System.nanoTime(), 0, LONGEST_WAIT.toNanos());
            String wait = String.valueOf(left / 1e9);
            Operation operation = operation(client.get(path(id) + "?wait=" + wait, LIMIT.plusNanos(left)));
            if (operation.outcome().isPresent() || System.nanoTime() - deadline >= 0) {
                return operation;
            }
        }
    }

    @Override
    public List<Operation> history(Optional<VmName> vm, int most) throws OperationException {
        String one = vm.map(name -> "&vm=" + name.text()).orElse("");
        try {
            return OperationJson.operations(client.get("/v1/operations?most=" + most + one));
        } catch (ApiException e) {
            throw strange(e);
        }
    }

    @Override
    public Operation cancel(String id) throws OperationException {
        return operation(client.post(path(id) + "/cancel"));
    }

    @Override
    public Operation commit(String id) throws OperationException {
        return operation(client.post(path(id) + "/commit"));
    }

    @Override
    public Subscription subscribe(OperationListener listener) throws OperationException {
        return RemoteEvents.begin(client, listener);
    }

    @Override
    public void close() {
        // each question has closed its own connection
    }

    private static String path(String id) {
        return "/v1/operations/" + AgentClient.segment(id);
    }

    private static Operation operation(JsonNode document) throws OperationException {
        try {
            return OperationJson.operation(document);
        } catch (ApiException e) {
            throw strange(e);
        }
    }

    private static OperationException strange(ApiException e) {
        return new OperationException(
                ExitStatus.UNREACHABLE,
                "the agent's answer cannot be read (is it of another version?): " + e.getMessage());
    }
}
