package dev.cprkit.agent.daemon;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationListener;
import dev.cprkit.agent.operation.OperationService;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.proto.qapi.MigMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** Operations that do what the test says, and only then. What it says may come before they begin. */
final class FakeOperations implements OperationService, Begin {
    volatile int awaited;

    /** Whether another process does what is done from now on. */
    volatile boolean elsewhere;

    private final Map<String, Operation> operations = new LinkedHashMap<>();
    private final List<OperationListener> listeners = new CopyOnWriteArrayList<>();
    private final Map<VmName, ExitStatus> atOnce = new LinkedHashMap<>();
    private Duration pauseAtOnce = Duration.ofMillis(5);
    private Optional<OperationException> trouble = Optional.empty();
    final Set<String> committed = new HashSet<>();
    int most;

    @Override
    public Operation begin(Optional<String> id, OperationSpec spec) throws OperationException {
        return begin(id, spec, new Caller("test", "cprctl"));
    }

    @Override
    public Operation begin(Optional<String> id, OperationSpec spec, Caller who) throws OperationException {
        Operation operation;
        synchronized (this) {
            if (trouble.isPresent()) {
                throw trouble.get();
            }
            Operation there = operations.get(id.orElseThrow());
            if (there != null) {
                if (!there.spec().equals(spec)) {
                    throw new OperationException(ExitStatus.CONFLICT, "operation " + there.id() + " is another one");
                }
                return there;
            }
            if (operations.values().stream()
                    .anyMatch(
                            o -> o.spec().vm().equals(spec.vm()) && o.outcome().isEmpty())) {
                throw new OperationException(ExitStatus.CONFLICT, "an operation of " + spec.vm() + " is under way");
            }
            operation = new Operation(id.get(), spec, who, Instant.now(), List.of(), List.of(), Optional.empty());
            put(operation);
            most = Math.max(most, (int) underWay());
        }
        told().forEach(listener -> listener.began(operation));
        ExitStatus status = atOnce.get(spec.vm());
        if (status != null) {
            finish(id.get(), status);
        }
        return operation;
    }

    /** Nobody is told of what another process does: the journal has it. */
    private List<OperationListener> told() {
        return elsewhere ? List.of() : listeners;
    }

    synchronized long underWay() {
        return operations.values().stream().filter(o -> o.outcome().isEmpty()).count();
    }

    synchronized void failWith(ExitStatus status, String message) {
        trouble = Optional.of(new OperationException(status, message));
    }

    /** Operations of that VM end as soon as they begin. */
    synchronized void atOnce(VmName vm, ExitStatus status, Duration pause) {
        atOnce.put(vm, status);
        pauseAtOnce = pause;
    }

    private synchronized void put(Operation operation) {
        operations.put(operation.id(), operation);
        notifyAll();
    }

    void enter(String id, UpdateState state) {
        Operation before = find(id).orElseThrow();
        List<Operation.Step> steps = new ArrayList<>(before.steps());
        Operation.Step step = new Operation.Step(state, Instant.now(), Duration.ofMillis(steps.size() + 1), "as told");
        steps.add(step);
        Operation after = new Operation(
                id, before.spec(), before.caller(), before.began(), steps, before.findings(), Optional.empty());
        put(after);
        told().forEach(listener -> listener.entered(after, step));
    }

    void finish(String id, ExitStatus status) {
        Operation before = find(id).orElseThrow();
        Operation.Outcome outcome = new Operation.Outcome(
                status,
                "as told",
                Instant.now(),
                Optional.of(MigMode.CPR_TRANSFER),
                status == ExitStatus.OK ? Optional.of(pauseAtOnce) : Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "");
        Operation after = new Operation(
                id,
                before.spec(),
                before.caller(),
                before.began(),
                before.steps(),
                before.findings(),
                Optional.of(outcome));
        put(after);
        told().forEach(listener -> listener.ended(after));
    }

    @Override
    public synchronized Optional<Operation> find(String id) {
        return Optional.ofNullable(operations.get(id));
    }

    @Override
    public synchronized Operation await(String id, Duration limit) {
        awaited++;
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            while (operations.get(id).outcome().isEmpty()) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    break;
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return operations.get(id);
    }

    @Override
    public synchronized List<Operation> history(Optional<VmName> vm, int most) {
        return new ArrayList<>(operations.values())
                .reversed().stream()
                        .filter(o -> vm.isEmpty() || o.spec().vm().equals(vm.get()))
                        .limit(most)
                        .toList();
    }

    @Override
    public Operation cancel(String id) {
        finish(id, ExitStatus.ABORTED);
        return find(id).orElseThrow();
    }

    @Override
    public Operation commit(String id) {
        committed.add(id);
        return find(id).orElseThrow();
    }

    @Override
    public Subscription subscribe(OperationListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    int listeners() {
        return listeners.size();
    }

    @Override
    public void close() {
        // nothing is held
    }
}
