package dev.cprkit.agent.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is the same in both modes whose state goes through a file: how a save can fail. */
abstract class StateFileUpdateTest extends EngineTest {
    private final MigMode mode;
    private final String whatDidNotHappen;

    /** @param whatDidNotHappen as the engine says it, when the saving takes too long */
    StateFileUpdateTest(MigMode mode, String whatDidNotHappen) {
        this.mode = mode;
        this.whatDidNotHappen = whatDidNotHappen;
    }

    @BeforeEach
    void chooseMode() {
        modes = List.of(mode);
    }

    @Test
    void aStoppedGuestStaysStopped() throws IOException {
        restart("paused");
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(result.handover().orElseThrow().pause()).isEmpty();
        assertThat(host.newVm.orElseThrow().commands).doesNotContain("cont");
    }

    @Test
    void aSaveThatFailsLeavesTheGuestRunning() throws IOException {
        host.saved = () -> {
            host.stops();
            host.execFails();
        };
        assertAborted(update(), "the old process's migration failed");
        assertThat(host.starts).isEmpty();
    }

    @Test
    void aSaveThatHangsIsCancelled() throws IOException {
        host.saved = host::stops;
        timeout = Duration.ofSeconds(1);
        assertAborted(update(), whatDidNotHappen + " within 1 s");
        assertThat(host.oldVm.commands).contains("migrate_cancel");
    }

    @Test
    void somebodyAsksToStopWhileItSaves() throws IOException {
        host.saved = () -> {
            host.stops();
            cancellation.request();
        };
        assertAborted(update(), "was asked to stop");
        assertThat(host.oldVm.commands).contains("migrate_cancel");
    }

    @Test
    void somebodyAsksToStopBefore() throws IOException {
        at = (state, update) -> {
            if (state == UpdateState.STAGED) {
                cancellation.request();
            }
        };
        assertAborted(update(), "was asked to stop");
        assertThat(host.oldVm.commands).doesNotContain("migrate");
    }
}
