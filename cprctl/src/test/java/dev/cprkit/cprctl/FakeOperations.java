package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationListener;
import dev.cprkit.agent.operation.OperationService;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;

/** Operations that go as a test tells them to: each takes its steps at once, and ends as {@link #next} says. */
final class FakeOperations implements OperationService {
    static final Instant BEGAN = Instant.parse("2026-02-03T12:00:00Z");

    final List<Operation> all = new ArrayList<>();
    final List<OperationSpec> begun = new ArrayList<>();
    final List<String> cancelled = new CopyOnWriteArrayList<>();
    final List<String> committed = new ArrayList<>();
    final List<Duration> waits = new ArrayList<>();

    /** What happens while somebody waits: one thing each time. */
    final Queue<Runnable> whileWaited = new ArrayDeque<>();

    private final List<OperationListener> listeners = new ArrayList<>();

    /** How the next operations end; empty for not at all. */
    Optional<Operation.Outcome> next = Optional.of(outcome(ExitStatus.OK, "the guest is running in process 8"));

    /** What a cancelled or committed one ends with. */
    Operation.Outcome afterwards = outcome(ExitStatus.ABORTED, "it was cancelled; the guest is in the old process");

    List<Finding> findings = List.of();
    Optional<OperationException> refusal = Optional.empty();

    static Operation.Outcome outcome(ExitStatus status, String message) {
        boolean moved = status == ExitStatus.OK;
        return new Operation.Outcome(
                status,
                message,
                BEGAN.plusSeconds(2),
                Optional.of(MigMode.CPR_TRANSFER),
                moved ? Optional.of(Duration.ofNanos(6_180_400)) : Optional.empty(),
                moved ? Optional.of(new Operation.Program(Path.of("/opt/2/vmm"), "22", "11.2")) : Optional.empty(),
                moved ? Optional.of(new Operation.Program(Path.of("/opt/1/vmm"), "11", "11.1")) : Optional.empty(),
                moved ? "" : "bad option\nbye");
    }

    static Operation operation(
            String id, OperationSpec spec, List<Finding> found, Optional<Operation.Outcome> outcome) {
        List<Operation.Step> steps = List.of(
                new Operation.Step(UpdateState.PLANNED, BEGAN, Duration.ofMillis(250), "process 7 to generation 1"),
                new Operation.Step(
                        UpdateState.RUNNING_NEW,
                        BEGAN.plusSeconds(1),
                        Duration.ofNanos(1_234_567_890),
                        "in process 8"));
        return new Operation(id, spec, new Caller("me", "cprctl"), BEGAN, steps, found, outcome);
    }

    @Override
    public Operation begin(Optional<String> id, OperationSpec spec) throws OperationException {
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        begun.add(spec);
        Operation operation = operation(id.orElse("made-up"), spec, findings, next);
        all.addFirst(operation);
        operation.steps().forEach(step -> listeners.forEach(listener -> listener.entered(operation, step)));
        findings.forEach(finding -> listeners.forEach(listener -> listener.found(operation, finding)));
        return operation;
    }

    @Override
    public Optional<Operation> find(String id) {
        return all.stream().filter(operation -> operation.id().equals(id)).findFirst();
    }

    @Override
    public Operation await(String id, Duration limit) {
        waits.add(limit);
        Optional.ofNullable(whileWaited.poll()).ifPresent(Runnable::run);
        return find(id).orElseThrow();
    }

    @Override
    public List<Operation> history(Optional<VmName> vm, int most) {
        return all.stream()
                .filter(operation -> vm.isEmpty() || operation.spec().vm().equals(vm.get()))
                .limit(most)
                .toList();
    }

    @Override
    public Operation cancel(String id) {
        cancelled.add(id);
        return end(id);
    }

    @Override
    public Operation commit(String id) {
        committed.add(id);
        return end(id);
    }

    /** Another process takes an operation a step further, of which nobody is told. */
    void steps(String id, UpdateState state, Optional<Operation.Outcome> outcome) {
        Operation before = find(id).orElseThrow();
        List<Operation.Step> steps = new ArrayList<>(before.steps());
        steps.add(new Operation.Step(state, BEGAN.plusSeconds(2), Duration.ofSeconds(2), "by another"));
        Operation after = new Operation(id, before.spec(), before.caller(), BEGAN, steps, before.findings(), outcome);
        all.replaceAll(operation -> operation.id().equals(id) ? after : operation);
    }

    private Operation end(String id) {
        Operation before = find(id).orElseThrow();
        Operation after = operation(id, before.spec(), before.findings(), Optional.of(afterwards));
        all.replaceAll(operation -> operation.id().equals(id) ? after : operation);
        return after;
    }

    @Override
    public Subscription subscribe(OperationListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public void close() {}
}
