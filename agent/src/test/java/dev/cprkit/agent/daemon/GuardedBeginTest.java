package dev.cprkit.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.vm.VmName;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GuardedBeginTest {
    private static final OperationSpec SAVE = OperationSpec.of(OperationKind.SAVE, new VmName("a"));
    private static final Caller CALLER = new Caller("tester", "unix");

    private final FakeOperations operations = new FakeOperations();
    private final CountDownLatch inside = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    private Operation slowly(Optional<String> id, OperationSpec spec, Caller who) throws OperationException {
        inside.countDown();
        try {
            assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return operations.begin(id, spec, who);
    }

    @Test
    void what_is_being_begun_when_the_agent_stops_is_there_when_it_looks() throws Exception {
        GuardedBegin begin = new GuardedBegin(operations, this::slowly, new FakeVms("a"), new ProgramRules(List.of()));
        CompletableFuture<Operation> begun = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return begin.begin(Optional.of("one"), SAVE, CALLER);
                    } catch (OperationException e) {
                        throw new AssertionError(e);
                    }
                },
                Thread::startVirtualThread);
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Optional<Operation>> seen = CompletableFuture.supplyAsync(
                () -> {
                    begin.stop();
                    return operations.find("one");
                },
                Thread::startVirtualThread);
        while (!begin.isStopping()) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        assertThat(seen.get(30, TimeUnit.SECONDS)).isPresent();
        assertThat(begun.get(30, TimeUnit.SECONDS).id()).isEqualTo("one");
        assertThatThrownBy(() -> begin.begin(Optional.of("two"), SAVE, CALLER)).hasMessageContaining("the agent stops");
    }
}
