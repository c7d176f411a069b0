package dev.cprkit.agent.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.home.PrivateFolder;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The engine on a scripted host, with all that it tells. */
@Timeout(60)
abstract class EngineTest {
    static final List<String> ALL_STATES =
            List.of("planned", "checked", "staged", "armed", "paused", "saved", "taken", "running-new", "committed");

    @TempDir
    Path folder;

    FakeHost host;
    final List<String> states = new ArrayList<>();
    final List<Duration> times = new ArrayList<>();
    final List<Finding> findings = new ArrayList<>();
    final List<Evidence> evidence = new ArrayList<>();
    final Cancellation cancellation = new Cancellation();
    List<MigMode> modes = List.of();
    Duration timeout = Duration.ofSeconds(20);
    Duration probation = Duration.ZERO;
    Optional<Duration> budget = Optional.empty();
    PauseHistory history = PauseHistory.NONE;

    /** Called in each state, after it was noted. */
    BiConsumer<UpdateState, LiveUpdate> at = (state, update) -> {};

    @BeforeEach
    void start() throws IOException {
        host = new FakeHost(folder, "running");
    }

    @AfterEach
    void end() {
        host.close();
        evidence.forEach(told -> PrivateFolder.remove(told.privateFolder())); // where it was meant to stay
    }

    void restart(String runState) throws IOException {
        host.close();
        host = new FakeHost(folder, runState);
    }

    UpdateResult update() {
        UpdateRequest request = new UpdateRequest(
                folder.resolve("vm.qmp"),
                Optional.empty(),
                timeout,
                modes,
                budget,
                probation,
                Optional.of(folder.resolve("saved")));
        LiveUpdate[] update = {null};
        UpdateJournal journal = new UpdateJournal() {
            @Override
            public void entered(UpdateStep step) {
                states.add(step.state().stateName());
                times.add(step.sinceStart());
                at.accept(step.state(), update[0]);
            }

            @Override
            public void found(Finding finding) {
                findings.add(finding);
            }

            @Override
            public void evidence(Evidence told) {
                evidence.add(told);
            }
        };
        update[0] = new LiveUpdate(request, host, journal, cancellation, history);
        return update[0].run();
    }

    void assertAborted(UpdateResult result, String message) throws IOException {
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.ABORTED);
        assertThat(result.message()).contains(message).contains("the guest is running in process");
        assertThat(states).endsWith("aborted");
        assertThat(host.oldProcess.isAlive()).isTrue();
        assertThat(host.oldVm.runState).isEqualTo("running");
        assertThat(host.oldVm.mode).isEqualTo("normal");
        assertThat(host.oldVm.capabilities).doesNotContainValue(true);
        assertThat(host.oldVm.parameters.get("max-bandwidth")).hasToString("134217728");
        assertNothingIsLeft();
    }

    void assertNothingIsLeft() throws IOException {
        for (Evidence told : evidence) {
            assertThat(told.privateFolder()).doesNotExist();
        }
        Path saved = folder.resolve("saved");
        if (Files.exists(saved)) {
            try (Stream<Path> files = Files.list(saved)) {
                assertThat(files).isEmpty();
            }
        }
    }
}
