package dev.cprkit.agent.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What may happen in the moment of the switch, when the guest is on its way from one process to the other. */
class SwitchTest extends EngineTest {
    @BeforeEach
    void transfer() {
        modes = List.of(MigMode.CPR_TRANSFER);
    }

    private FakeVm next() {
        return host.newVm.orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stop", "cont"})
    void aProcessInWhichTheGuestRunsIsNotKilledBecauseItIsSlowToAnswer(String slow) {
        host.loaded = () -> {
            next().event("RESUME", Map.of());
            next().runState = "running"; // but neither of the two ever learns that it is through
            next().answers.put(slow, a -> null);
        };
        timeout = Duration.ofSeconds(1);
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(host.newProcess.signals).isEmpty();
        assertThat(host.oldVm.commands).doesNotContain("cont");
    }

    @ParameterizedTest
    @ValueSource(strings = {"running", "paused"})
    void whatTheOldProcessSentBeforeItDiedIsWaitedFor(String runState) throws IOException {
        restart(runState);
        host.oldProcess.lingers = true;
        AtomicInteger asked = new AtomicInteger();
        host.loaded = () -> {
            next().migration = "active";
            next().answers.put("query-migrate", a -> {
                if (asked.incrementAndGet() > 2) {
                    next().migration = "completed";
                    next().runState = runState;
                }
                return Map.of("status", next().migration);
            });
            host.oldProcess.kill();
        };
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(next().runState).isEqualTo(runState);
        assertThat(next().commands).doesNotContain("stop");
        assertThat(host.newProcess.isAlive()).isTrue();
    }

    @Test
    void aGuestOfWhichPartIsMissingIsSaidToBeLost() {
        host.loaded = () -> {
            next().migration = "failed";
            host.oldProcess.kill();
        };
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message()).contains("the old process", "has ended");
        assertThat(host.newProcess.isAlive()).isFalse();
    }

    @Test
    void aStoppedGuestThatIsThroughWhenTheTimeIsUpStaysInTheNewProcess() throws IOException {
        restart("paused");
        host.loaded = () -> {
            next().migration = "completed"; // without a word
            next().runState = "paused";
            host.oldVm.runState = "postmigrate"; // from where it could only be let run
        };
        timeout = Duration.ofSeconds(1);
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(host.newProcess.isAlive()).isTrue();
        assertThat(next().commands).doesNotContain("cont");
    }

    @Test
    void aNewProcessThatDiesWithTheGuestIsNotSaidToHaveIt() {
        at = (state, update) -> {
            if (state == UpdateState.TAKEN) {
                host.newProcess.kill();
            }
        };
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message()).contains("had the guest, and has ended");
        assertThat(host.oldVm.commands).doesNotContain("cont");
    }
}
