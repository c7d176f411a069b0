package dev.cprkit.agent.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Mode cpr-exec: the way through, and every edge that leads from it. */
class ExecUpdateTest extends StateFileUpdateTest {
    ExecUpdateTest() {
        super(MigMode.CPR_EXEC, "did not become the new program");
    }

    @Test
    void aRunningGuestGoesOnInTheSameProcess() throws IOException {
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(states).isEqualTo(ALL_STATES);
        assertThat(result.mode()).contains(MigMode.CPR_EXEC);
        UpdateResult.Handover handover = result.handover().orElseThrow();
        assertThat(handover.oldPid()).isEqualTo(handover.newPid());
        assertThat(handover.qmp()).isEqualTo(folder.resolve("vm.qmp"));
        assertThat(handover.moves()).isEmpty();
        assertThat(handover.pause().orElseThrow().source()).isEqualTo(Pause.Source.OBSERVED);
        assertThat(handover.pause().orElseThrow().length()).isBetween(Duration.ZERO, Duration.ofSeconds(5));
        assertThat(host.execCommand)
                .isEqualTo(result.command())
                .containsSubsequence("-qmp", "unix:" + folder.resolve("vm.qmp") + ",server=on,wait=off")
                .endsWith("-incoming", "file:" + evidence.getLast().stateFile().orElseThrow());
        assertThat(host.oldProcess.signals).isEmpty();
        assertThat(host.starts).isEmpty();
        assertThat(evidence.getFirst().next()).isEmpty();
        assertThat(evidence.getLast().next()).contains(evidence.getLast().old());
        assertNothingIsLeft();
    }

    @Test
    void evidenceIsThereBeforeAnythingChanges() {
        List<String> early = new ArrayList<>();
        host.oldVm.answers.put("migrate-set-capabilities", a -> {
            if (evidence.stream().noneMatch(told -> told.oldCapabilities().containsKey("events"))) {
                early.add("capabilities");
            }
            return Map.of();
        });
        FakeVm.Answer set = host.oldVm.answers.get("migrate-set-parameters");
        host.oldVm.answers.put(
                "migrate-set-parameters",
                a -> { // which the checks do, to ask what is against a mode
                    if (evidence.isEmpty()) {
                        early.add("parameters");
                    }
                    return set.to(a);
                });
        assertThat(update().status()).isEqualTo(ExitStatus.OK);
        assertThat(early).isEmpty();
        assertThat(host.oldVm.commands).contains("migrate-set-capabilities", "migrate-set-parameters");
    }

    @Test
    void settingsAreCarriedOver() throws IOException {
        host.oldVm.capabilities.put("validate-uuid", true);
        host.shape = vm -> vm.capabilities.put("validate-uuid", false);
        host.oldVm.parameters.put("max-bandwidth", 77);
        assertThat(update().status()).isEqualTo(ExitStatus.OK);
        FakeVm next = host.newVm.orElseThrow();
        assertThat(next.capabilities).containsEntry("validate-uuid", true).containsEntry("events", false);
        assertThat(next.parameters.get("max-bandwidth")).hasToString("77");
        assertThat(next.parameters).doesNotContainKey("cpr-exec-command");
    }

    @Test
    void anExecThatFailsIsNotTakenForOneThatWorked() throws IOException {
        host.exec = host::execFails; // after "completed"
        assertAborted(update(), "execvp /bin/true failed: No such file or directory");
        assertThat(states).contains("saved").doesNotContain("taken");
        assertThat(host.oldVm.parameters.get("cpr-exec-command")).hasToString("[]");
    }

    @Test
    void aRefusalIsTold() throws IOException {
        host.oldVm.answers.put("migrate", a -> {
            throw new IOException("the next program does not work: no such machine");
        });
        assertAborted(update(), "the next program does not work: no such machine");
        assertThat(states).doesNotContain("paused");
    }

    @Test
    void aCancelThatComesTooLateChangesNothing() throws IOException {
        host.saved = () -> {
            host.stops();
            cancellation.request();
        };
        host.oldVm.answers.put("migrate_cancel", a -> {
            host.oldVm.afterReply = host::saves; // it had sent all, and becomes the new program
            return Map.of();
        });
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(states).endsWith("taken", "running-new", "committed");
    }

    @Test
    void aProcessThatDiesWhileItSavesTakesTheGuestWithIt() throws IOException {
        host.saved = host.oldProcess::kill;
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message()).contains("the guest is lost").contains("before it became the new program");
        assertNothingIsLeft();
    }

    @Test
    void aNewProgramThatEndsTakesTheGuestWithIt() throws IOException {
        host.printed = Optional.of(Files.writeString(folder.resolve("vm.out"), "load of migration failed"));
        host.exec = host.oldProcess::kill;
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message()).contains("the guest is lost").contains("ended as the new program");
        assertThat(result.output()).isEqualTo("load of migration failed");
        assertThat(states).endsWith("saved");
    }

    @Test
    void aNewProgramThatRefusesTheStateIsLeftAlone() {
        host.exec = () -> host.becomes("inmigrate", "failed");
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message())
                .contains("the new program refused the state")
                .contains("is the new program and stays as it is");
        assertThat(host.oldProcess.isAlive()).isTrue();
        assertThat(host.stateFile).exists();
    }

    @Test
    void aClientThatReachesTheOldListenerTriesAgain() {
        host.shape = vm -> vm.cutsOff.set(3);
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
    }

    @Test
    void aConnectionThatSomebodyElseCutsIsNotTakenForASuccess() {
        host.saved = host.oldVm::close;
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message())
                .containsOnlyOnce("the old program hung up, and was not replaced")
                .contains("was left as it is, with the guest's memory");
        assertThat(states).doesNotContain("taken");
        assertThat(host.oldProcess.isAlive()).isTrue();
    }

    @Test
    void aProgramThatBecomesAnotherOneIsNamed() {
        host.exec = () -> {
            host.executable = Path.of("/bin/sleep");
            host.arguments.clear();
            host.oldVm.close();
        };
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message())
                .containsOnlyOnce("became /bin/sleep, which does not wait for the guest")
                .endsWith("; the rest of the guest's state is in " + host.stateFile);
        assertThat(host.stateFile).exists();
        assertThat(host.oldProcess.isAlive()).isTrue();
    }

    @Test
    void aGuestInAnotherStateIsTold() {
        host.exec = () -> host.becomes("internal-error", "completed");
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message()).contains("its run state is internal-error and was running");
    }

    @Test
    void aProgramThatDoesNotKnowTheModeIsRefused() throws IOException {
        FakeVm.Answer set = host.oldVm.answers.get("migrate-set-parameters");
        host.oldVm.answers.put("migrate-set-parameters", a -> {
            if (a.path("mode").asText().equals("cpr-exec")) {
                throw new IOException("Parameter 'mode' does not accept value 'cpr-exec'");
            }
            return set.to(a);
        });
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.REFUSED);
        assertThat(findings).extracting(Finding::code).contains(Finding.Code.MODE_UNSUPPORTED);
        assertThat(host.oldVm.mode).isEqualTo("normal");
        assertNothingIsLeft();
    }
}
