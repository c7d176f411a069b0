package dev.cprkit.agent.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.reboot.SavedStates;
import dev.cprkit.agent.reboot.SavedVm;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Saving a VM before its host restarts, and starting it again after that, on a scripted host. */
@Timeout(60)
class GuestSaveTest {
    private static final VmName WEB = VmName.of("web").orElseThrow();

    @TempDir
    Path folder;

    private FakeHost host;
    private SavedStates states;
    private final Cancellation cancellation = new Cancellation();
    private final List<UpdateState> entered = new ArrayList<>();
    private final List<Evidence> evidence = new ArrayList<>();
    private Runnable atSaved = () -> {};

    private final UpdateJournal journal = new UpdateJournal() {
        @Override
        public void entered(UpdateStep step) {
            entered.add(step.state());
            if (step.state() == UpdateState.SAVED) {
                atSaved.run();
            }
        }

        @Override
        public void found(Finding finding) {}

        @Override
        public void evidence(Evidence told) {
            evidence.add(told);
        }
    };

    @BeforeEach
    void begin() throws IOException {
        begin("running");
    }

    private void begin(String runState) throws IOException {
        end();
        host = new FakeHost(folder, runState);
        states = new SavedStates(new Home(folder, folder));
    }

    @AfterEach
    void end() {
        if (host != null) {
            host.close();
        }
    }

    private Outcome save() {
        Path qmp = folder.resolve("vm.qmp");
        return new GuestSave(states, folder.resolve("saved"), qmp, Duration.ofSeconds(20), host, journal, cancellation)
                .run("one", new VmRecord(WEB, VmRecord.Origin.ADOPTED, qmp, List.of(), Instant.now()));
    }

    private Outcome restore() {
        return new GuestRestore(states, Duration.ofSeconds(20), host, journal, new Cancellation())
                .run(WEB, Optional.empty());
    }

    @Test
    void itsProcessEndsWhenAllOfItIsOnTheDisk() throws IOException {
        Outcome outcome = save();
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.SAVED);
        SavedVm saved = states.find(WEB).orElseThrow();
        assertThat(saved.runState()).isEqualTo("running");
        assertThat(saved.operation()).isEqualTo("one");
        assertThat(states.of(WEB).resolve(SavedStates.STATE)).hasContent("state");
        assertThat(host.oldProcess.isAlive()).isFalse();
    }

    @Test
    void aSettingThatIsRefusedIsSetBackAndTheGuestGoesOn() {
        FakeVm.Answer set = host.oldVm.answers.get("migrate-set-parameters");
        host.oldVm.answers.put("migrate-set-parameters", a -> {
            if (a.path("mode").asText().equals("cpr-reboot") && host.oldVm.capabilities.get("events")) {
                throw new IOException("not now");
            }
            return set.to(a);
        });
        Outcome outcome = save();
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.ABORTED);
        assertThat(outcome.message()).contains("not now").contains("the guest is running, as before");
        assertThat(host.oldVm.capabilities).doesNotContainValue(true);
        assertThat(host.oldVm.parameters.get("max-bandwidth")).hasToString("134217728");
        assertThat(entered).endsWith(UpdateState.ABORTED);
    }

    @Test
    void somebodyAsksToStopWhenItIsSaved() throws IOException {
        atSaved = cancellation::request;
        Outcome outcome = save();
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.ABORTED);
        assertThat(host.oldVm.runState).isEqualTo("running");
        assertThat(states.find(WEB)).isEmpty();
        try (var left = Files.list(folder.resolve("saved"))) {
            assertThat(left).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"paused", "suspended"})
    void aGuestThatCouldNotBeLetGoOnAsItWasIsNotLeftHalfWay(String runState) throws IOException {
        begin(runState);
        atSaved = cancellation::request;
        Outcome outcome = save();
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.SAVED);
        assertThat(states.find(WEB).orElseThrow().runState()).isEqualTo(runState);
        assertThat(host.oldVm.commands).doesNotContain("cont");
    }

    @Test
    void aGuestThatIsRestoredRunsOnceAndIsSavedNoMoreAndKeepsItsMigrationSettings() throws IOException {
        host.oldVm.parameters.put("max-bandwidth", 77);
        host.oldVm.capabilities.put("x-ignore-shared", true);
        save();
        host.loaded = () -> {
            host.newVm.orElseThrow().runState = "paused";
            host.newVm.orElseThrow().migration("completed");
        };
        Outcome outcome = restore();
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.OK);
        assertThat(host.newVm.orElseThrow().runState).isEqualTo("running");
        assertThat(host.started).as("it stops when it has the guest").endsWith("-S");
        assertThat(host.startedWith.get("CPRKIT_UPDATE"))
                .startsWith(states.of(WEB) + "#")
                .isEqualTo(evidence.getLast().environment().get("CPRKIT_UPDATE"));
        assertThat(host.newVm.orElseThrow().parameters.get("max-bandwidth")).hasToString("77");
        assertThat(host.newVm.orElseThrow().capabilities).containsEntry("x-ignore-shared", true);
        assertThat(host.newVm.orElseThrow().mode).isEqualTo("normal");
        assertThat(states.find(WEB)).isEmpty();
        assertThat(states.consumed(WEB)).isEmpty();
        assertThat(restore().message()).contains("nothing to do");
    }

    @Test
    void aStateThatCannotBeKeptLetsTheGuestGoOn() throws IOException {
        atSaved = () -> {
            try {
                Files.createDirectories(states.of(WEB)); // by somebody, in between
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        Outcome outcome = save();
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.ABORTED);
        assertThat(outcome.message())
                .contains("there is a saved state of web already")
                .contains("as before");
        assertThat(host.oldVm.runState).isEqualTo("running");
        assertThat(host.oldVm.commands).doesNotContain("quit");
    }

    @ParameterizedTest
    @ValueSource(strings = {"stat", "state, longer", "other"})
    void aStateThatWasChangedIsNotRestored(String content) throws IOException {
        save();
        Files.writeString(states.of(WEB).resolve(SavedStates.STATE), content);
        Outcome outcome = restore();
        assertThat(outcome.status()).isEqualTo(ExitStatus.REFUSED);
        assertThat(outcome.message()).contains("is not what was saved").endsWith("the guest is still saved");
        assertThat(host.starts).isEmpty();
        assertThat(states.find(WEB)).isPresent();
    }

    @Test
    void aProgramThatCannotTakeTheGuestLeavesItSaved() throws IOException {
        save();
        host.loaded = () -> {
            host.newVm.orElseThrow().error = "Unknown section";
            host.newVm.orElseThrow().migration("failed");
        };
        Outcome outcome = restore();
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.SAVED);
        assertThat(outcome.message())
                .isEqualTo("the new process refused the state: Unknown section; the guest is still saved");
        assertThat(host.newProcess.isAlive()).isFalse();
        assertThat(states.find(WEB)).isPresent();
    }
}
