package dev.cprkit.agent.daemon;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.ApiException;
import dev.cprkit.agent.api.Fields;
import dev.cprkit.agent.api.HttpCode;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.journal.AuditEntry;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.vm.VmName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/** {@code /v1/host/update}. Any thread may call. */
final class HostEndpoints {
    private static final Duration SLICE = Duration.ofSeconds(1);

    private final HostUpdates updates;
    private final AuditTrail audit;
    private final Connections connections;
    private final int waitsPerCaller;
    private final BooleanSupplier stopping;

    HostEndpoints(
            HostUpdates updates,
            AuditTrail audit,
            Connections connections,
            int waitsPerCaller,
            BooleanSupplier stopping) {
        this.updates = updates;
        this.audit = audit;
        this.connections = connections;
        this.waitsPerCaller = waitsPerCaller;
        this.stopping = stopping;
    }

    List<Route> routes() {
        String all = "/v1/host/update";
        String one = all + "/{id}";
        Optional<Role> reader = Optional.of(Role.READER);
        Optional<Role> admin = Optional.of(Role.ADMIN);
        Set<HttpCode> begun = Set.of(
                HttpCode.OK,
                HttpCode.CREATED,
                HttpCode.CONFLICT,
                HttpCode.REFUSED,
                HttpCode.TOO_SLOW,
                HttpCode.TOO_LARGE);
        return List.of(
                new Route("GET", all, reader, Set.of(), Set.of(HttpCode.OK), this::list),
                new Route("POST", all, admin, Set.of(), begun, this::post),
                new Route("GET", one, reader, Set.of("wait"), Set.of(HttpCode.OK, HttpCode.NOT_FOUND), this::get),
                new Route("PUT", one, admin, Set.of(), begun, this::put),
                new Route(
                        "POST",
                        one + "/cancel",
                        admin,
                        Set.of(),
                        Set.of(HttpCode.ACCEPTED, HttpCode.NOT_FOUND, HttpCode.CONFLICT),
                        this::cancel));
    }

    private Reply list(Exchange exchange) {
        ObjectNode document = Json.document("host-updates");
        ArrayNode list = document.putArray("host-updates");
        for (HostUpdateRecord update : updates.list()) {
            ObjectNode one = update.json();
            one.remove(List.of("schema", "type"));
            list.add(one);
        }
        return Reply.of(document);
    }

    private Reply post(Exchange exchange) throws ApiException, OperationException, IOException {
        Fields fields = Fields.of(exchange.body()).document("host-update-spec");
        String id = fields.optionalText("id").orElseGet(() -> UUID.randomUUID().toString());
        return begin(id, fields, exchange);
    }

    private Reply put(Exchange exchange) throws ApiException, OperationException, IOException {
        return begin(exchange.id(), Fields.of(exchange.body()).document("host-update-spec"), exchange);
    }

    private Reply begin(String id, Fields fields, Exchange exchange)
            throws ApiException, OperationException, IOException {
        if (id.length() > 48 || VmName.of(id).isEmpty()) {
            throw new ApiException(
                    HttpCode.BAD_REQUEST,
                    "an id has letters, digits, '.', '_' and '-', begins with a letter or a digit, and has at most 48"
                            + " characters");
        }
        HostUpdateSpec spec = HostUpdateSpec.read(fields);
        fields.end();
        HostUpdates.Begun begun = updates.begin(id, spec, exchange.caller());
        return Reply.of(
                begun.fresh() ? HttpCode.CREATED : HttpCode.OK,
                begun.update().now().json());
    }

    private Reply get(Exchange exchange) throws ApiException {
        HostUpdate update = existing(exchange.id());
        Optional<Duration> patience = exchange.patience();
        if (patience.isPresent() && update.now().ended().isEmpty()) {
            try (var _ = connections.waiting(exchange.request(), waitsPerCaller)) {
                exchange.request().addIdleTimeoutListener(e -> false);
                await(update, patience.get());
            }
        }
        return Reply.of(update.now().json());
    }

    private void await(HostUpdate update, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (!stopping.getAsBoolean()) {
                long left = Math.min(deadline - System.nanoTime(), SLICE.toNanos());
                if (left <= 0 || update.await(Duration.ofNanos(left))) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Reply cancel(Exchange exchange) throws ApiException {
        HostUpdate update = existing(exchange.id());
        if (update.now().ended().isPresent()) {
            throw new ApiException(
                    HttpCode.CONFLICT,
                    "host update " + exchange.id() + " has ended already: "
                            + update.now().message());
        }
        update.cancel();
        audit.write(new AuditEntry(
                Instant.now(),
                exchange.caller(),
                "cancel of an update of many VMs",
                exchange.id(),
                "",
                "",
                ExitStatus.OK.statusName()));
        return Reply.of(HttpCode.ACCEPTED, update.now().json());
    }

    private HostUpdate existing(String id) throws ApiException {
        return updates.find(id)
                .orElseThrow(() -> new ApiException(HttpCode.NOT_FOUND, "there is no host update of that id"));
    }
}
