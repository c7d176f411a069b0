package dev.cprkit.agent.daemon;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.ApiException;
import dev.cprkit.agent.api.HttpCode;
import dev.cprkit.agent.api.OperationJson;
import dev.cprkit.agent.journal.AuditEntry;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationService;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.vm.VmName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** {@code /v1/operations}. Any thread may call. */
final class OperationEndpoints {
    private static final int MOST = 1000;

    /** How often a wait looks whether the agent stops. */
    private static final Duration SLICE = Duration.ofSeconds(1);

    private final OperationService operations;
    private final Begin begin;
    private final Vms vms;
    private final AuditTrail audit;
    private final Connections connections;
    private final int waitsPerCaller;
    private final BooleanSupplier stopping;

    OperationEndpoints(
            OperationService operations,
            Begin begin,
            Vms vms,
            AuditTrail audit,
            Connections connections,
            int waitsPerCaller,
            BooleanSupplier stopping) {
        this.operations = operations;
        this.begin = begin;
        this.vms = vms;
        this.audit = audit;
        this.connections = connections;
        this.waitsPerCaller = waitsPerCaller;
        this.stopping = stopping;
    }

    List<Route> routes() {
        String one = "/v1/operations/{id}";
        Optional<Role> reader = Optional.of(Role.READER);
        Optional<Role> operator = Optional.of(Role.OPERATOR);
        Set<HttpCode> asked = Set.of(HttpCode.ACCEPTED, HttpCode.NOT_FOUND, HttpCode.CONFLICT, HttpCode.REFUSED);
        return List.of(
                new Route("GET", "/v1/operations", reader, Set.of("vm", "most"), Set.of(HttpCode.OK), this::list),
                new Route("GET", one, reader, Set.of("wait"), Set.of(HttpCode.OK, HttpCode.NOT_FOUND), this::get),
                new Route(
                        "PUT",
                        one,
                        operator,
                        Set.of(),
                        Set.of(
                                HttpCode.OK,
                                HttpCode.CREATED,
                                HttpCode.NOT_FOUND,
                                HttpCode.CONFLICT,
                                HttpCode.REFUSED,
                                HttpCode.TOO_SLOW,
                                HttpCode.TOO_LARGE),
                        this::put),
                new Route("POST", one + "/cancel", operator, Set.of(), asked, this::cancel),
                new Route("POST", one + "/commit", operator, Set.of(), asked, this::commit),
                new Route(
                        "POST",
                        one + "/rollback",
                        operator,
                        Set.of(),
                        Set.of(
                                HttpCode.ACCEPTED,
                                HttpCode.CREATED,
                                HttpCode.NOT_FOUND,
                                HttpCode.CONFLICT,
                                HttpCode.REFUSED),
                        this::rollback));
    }

    private Reply list(Exchange exchange) throws ApiException, OperationException {
        Optional<VmName> vm = Optional.empty();
        if (exchange.query().containsKey("vm")) {
            vm = VmName.of(exchange.query().get("vm"));
            if (vm.isEmpty()) {
                throw new ApiException(HttpCode.BAD_REQUEST, "the parameter 'vm' is no VM's name: " + VmName.rule());
            }
        }
        return Reply.of(OperationJson.of(operations.history(vm, exchange.number("most", 1, MOST, 100))));
    }

    private Reply get(Exchange exchange) throws ApiException, OperationException {
        Optional<Duration> patience = exchange.patience();
        Operation operation = existing(exchange.id());
        if (patience.isEmpty() || operation.outcome().isPresent()) {
            return Reply.of(OperationJson.of(operation));
        }
        try (var _ = connections.waiting(exchange.request(), waitsPerCaller)) {
            exchange.request().addIdleTimeoutListener(e -> false); // the caller is quiet while it waits for us
            return Reply.of(OperationJson.of(await(operation, patience.get())));
        }
    }

    private Operation await(Operation operation, Duration patience) throws OperationException {
        long deadline = System.nanoTime() + patience.toNanos();
        Operation now = operation;
        while (now.outcome().isEmpty() && !stopping.getAsBoolean()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                break;
            }
            now = operations.await(operation.id(), Duration.ofNanos(Math.min(left, SLICE.toNanos())));
        }
        return now;
    }

    private Reply put(Exchange exchange) throws ApiException, OperationException, IOException {
        OperationSpec spec = OperationJson.spec(exchange.body());
        boolean there = operations.find(exchange.id()).isPresent();
        boolean saved = spec.kind() == OperationKind.RESTORE; // its process is gone, and perhaps its folder
        if (!there && !saved && !vms.names().contains(spec.vm())) {
            throw new ApiException(HttpCode.NOT_FOUND, "there is no VM named '" + spec.vm() + "'; nothing was done");
        }
        Operation operation = begin.begin(Optional.of(exchange.id()), spec, exchange.caller());
        return Reply.of(there ? HttpCode.OK : HttpCode.CREATED, OperationJson.of(operation));
    }

    private Reply cancel(Exchange exchange) throws ApiException, OperationException {
        Operation operation = underWay(exchange.id());
        return accepted(exchange, "cancel", operation, operations.cancel(operation.id()));
    }

    private Reply commit(Exchange exchange) throws ApiException, OperationException {
        Operation operation = underWay(exchange.id());
        return accepted(exchange, "commit", operation, operations.commit(operation.id()));
    }

    /** During probation the guest goes back at once; afterwards by an operation of its own, whose id follows from this one's. */
    private Reply rollback(Exchange exchange) throws ApiException, OperationException {
        Operation operation = existing(exchange.id());
        if (operation.outcome().isEmpty()) {
            return accepted(exchange, "rollback", operation, operations.cancel(operation.id()));
        }
        String id = operation.id() + ".rollback";
        boolean there = operations.find(id).isPresent();
        if (!there && operation.outcome().get().status() != ExitStatus.OK) {
            throw new ApiException(
                    HttpCode.CONFLICT,
                    "operation " + operation.id() + " ended as '"
                            + operation.outcome().get().status().statusName() + "': there is nothing to roll back");
        }
        Operation rollback = begin.begin(
                Optional.of(id),
                OperationSpec.of(OperationKind.ROLLBACK, operation.spec().vm()),
                exchange.caller());
        return Reply.of(there ? HttpCode.ACCEPTED : HttpCode.CREATED, OperationJson.of(rollback));
    }

    private Reply accepted(Exchange exchange, String what, Operation operation, Operation now) {
        audit.write(new AuditEntry(
                Instant.now(),
                exchange.caller(),
                what + " " + operation.spec().vm(),
                operation.id(),
                "",
                "",
                ExitStatus.OK.statusName()));
        return Reply.of(HttpCode.ACCEPTED, OperationJson.of(now));
    }

    private Operation underWay(String id) throws ApiException, OperationException {
        Operation operation = existing(id);
        if (operation.outcome().isPresent()) {
            throw new ApiException(
                    HttpCode.CONFLICT,
                    "operation " + id + " has ended already, as '"
                            + operation.outcome().get().status().statusName() + "'");
        }
        return operation;
    }

    private Operation existing(String id) throws ApiException, OperationException {
        Optional<Operation> operation = operations.find(id);
        if (operation.isEmpty()) {
            throw new ApiException(HttpCode.NOT_FOUND, "there is no operation of that id");
        }
        return operation.get();
    }
}
