package dev.cprkit.agent.update;

import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.operation.Operation.Step;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.vm.VmName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An update that was cut off, on a host that a test makes, and all that its recovery tells. */
abstract class RecoveryCase {
    static final long OLD = RecoveryHost.OLD;
    static final long NEXT = RecoveryHost.NEXT;
    static final Optional<ProcessRef> KNOWN = Optional.of(new ProcessRef(NEXT, 1));

    @TempDir
    Path folder;

    RecoveryHost host;
    final List<UpdateState> entered = new ArrayList<>();
    final List<Evidence> evidence = new ArrayList<>();

    final UpdateJournal journal = new UpdateJournal() {
        @Override
        public void entered(UpdateStep step) {
            entered.add(step.state());
        }

        @Override
        public void found(Finding finding) {
            throw new AssertionError(finding.sentence());
        }

        @Override
        public void evidence(Evidence told) {
            evidence.add(told);
        }
    };

    @BeforeEach
    void makeHost() throws IOException {
        host = new RecoveryHost(folder);
    }

    @AfterEach
    void endHost() {
        host.close();
    }

    static Operation operation(List<UpdateState> states) {
        List<Step> steps = states.stream()
                .map(state -> new Step(state, Instant.now(), Duration.ZERO, "was " + state))
                .toList();
        return new Operation(
                "one",
                OperationSpec.of(OperationKind.UPDATE, VmName.of("web").orElseThrow()),
                new Caller("ada", "cprctl"),
                Instant.now(),
                steps,
                List.of(),
                Optional.empty());
    }

    static List<UpdateState> upTo(UpdateState last) {
        return Stream.of(UpdateState.values())
                .filter(state -> state.ordinal() <= last.ordinal())
                .toList();
    }

    Outcome recover(List<UpdateState> states, Evidence left) {
        return new Recovery(host, (monitor, pid) -> true).recover(operation(states), Optional.of(left), journal);
    }

    FakeVm vm(long pid) {
        return host.processes.get(pid).vm.orElseThrow();
    }
}
