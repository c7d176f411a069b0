package dev.cprkit.agent.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The tables of {@link Recovery}. */
class RecoveryTest extends RecoveryCase {
    private Outcome recover(UpdateState last, Optional<ProcessRef> next) {
        return recover(upTo(last), host.evidence(MigMode.CPR_TRANSFER, next, host.moves(), "running"));
    }

    private void traces() throws IOException {
        Files.writeString(folder.resolve("vm.g1.qmp.log"), "words");
        Files.writeString(host.privateFolder.resolve("cpr.sock"), "");
    }

    private void nothingIsLeft() {
        assertThat(host.privateFolder).doesNotExist();
        assertThat(folder.resolve("vm.g1.qmp.log")).doesNotExist();
        assertThat(folder.resolve("vm.g1.qmp")).doesNotExist();
    }

    private static boolean was(FakeVm vm, String command) {
        return vm.commands.contains(command);
    }

    @Test
    void whatTouchedNothingIsOver() {
        Outcome outcome = new Recovery(host).recover(operation(List.of()), Optional.empty(), journal);
        assertThat(outcome.status()).isEqualTo(ExitStatus.ABORTED);
        assertThat(outcome.message()).isEqualTo("whoever ran it is gone; nothing was done");
        assertThat(entered).containsExactly(UpdateState.ABORTED);
    }

    @ParameterizedTest
    @EnumSource(names = {"PLANNED", "CHECKED", "STAGED", "ARMED"})
    void aNewProcessThatWaitsIsKilledAndTheOldOneKeepsItsGuest(UpdateState last) throws Exception {
        traces();
        host.process(OLD, "vm.qmp", "running", last == UpdateState.ARMED ? "setup" : "none");
        host.process(NEXT, "vm.g1.qmp", "inmigrate", "none");
        Outcome outcome = recover(last, KNOWN);
        assertThat(outcome.message())
                .isEqualTo("whoever ran it is gone; the guest is running in process 101, as before");
        assertThat(outcome.status()).isEqualTo(ExitStatus.ABORTED);
        assertThat(host.processes.get(NEXT).ended).isEqualTo("kill");
        assertThat(host.processes.get(OLD).alive).isTrue();
        assertThat(was(vm(OLD), "migrate_cancel")).isEqualTo(last == UpdateState.ARMED);
        assertThat(was(vm(OLD), "migrate-set-capabilities")).isTrue();
        assertThat(was(vm(OLD), "cont") || was(vm(OLD), "system_reset")).isFalse();
        assertThat(entered).containsExactly(UpdateState.ABORTED);
        if (last != UpdateState.PLANNED) {
            nothingIsLeft();
        }
    }

    @Test
    void aNewProcessThatNobodyHadTimeToNoteIsFoundByItsFolder() throws Exception {
        host.process(OLD, "vm.qmp", "running", "none");
        host.silent(NEXT).commandLine =
                List.of("/bin/new", "-incoming", "cpr,addr.path=" + host.privateFolder.resolve("cpr.sock"));
        assertThat(recover(UpdateState.CHECKED, Optional.empty()).status()).isEqualTo(ExitStatus.ABORTED);
        assertThat(host.processes.get(NEXT).ended).isEqualTo("kill");
    }

    @Test
    void anotherProcessOfThatNumberIsLeftAlone() throws Exception {
        host.process(OLD, "vm.qmp", "running", "none");
        host.silent(NEXT);
        assertThat(recover(UpdateState.STAGED, Optional.of(new ProcessRef(NEXT, 77)))
                        .status())
                .isEqualTo(ExitStatus.ABORTED);
        assertThat(host.processes.get(NEXT).alive).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"ARMED", "PAUSED", "SAVED", "TAKEN", "RUNNING_NEW", "COMMITTED"})
    void aGuestThatArrivedStaysInTheNewProcess(UpdateState last) throws Exception {
        host.process(OLD, "vm.qmp", "postmigrate", "completed");
        host.process(NEXT, "vm.g1.qmp", "running", "completed");
        Outcome outcome = recover(last, KNOWN);
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.OK);
        assertThat(host.processes.get(OLD).ended).isEqualTo("quit");
        assertThat(was(vm(OLD), "cont") || was(vm(OLD), "system_reset")).isFalse();
        assertThat(host.processes.get(NEXT).alive).isTrue();
        assertThat(Files.readSymbolicLink(folder.resolve("vm.qmp"))).isEqualTo(Path.of("vm.g1.qmp"));
        assertThat(host.privateFolder).doesNotExist();
        assertThat(outcome.program()).isPresent();
        assertThat(outcome.previous()).isPresent();
        assertThat(entered).hasSize(UpdateState.COMMITTED.ordinal() - last.ordinal());
        if (last != UpdateState.COMMITTED) {
            assertThat(entered.getLast()).isEqualTo(UpdateState.COMMITTED);
        }
    }

    @Test
    void aGuestThatAFenceStoppedInTheNewProcessGoesOnThere() throws Exception {
        host.process(OLD, "vm.qmp", "postmigrate", "completed");
        host.process(NEXT, "vm.g1.qmp", "paused", "completed");
        assertThat(recover(UpdateState.SAVED, KNOWN).status()).isEqualTo(ExitStatus.OK);
        assertThat(was(vm(NEXT), "cont")).isTrue();
    }

    @Test
    void aGuestThatWasPausedStaysPaused() throws Exception {
        host.process(OLD, "vm.qmp", "postmigrate", "completed");
        host.process(NEXT, "vm.g1.qmp", "paused", "completed");
        Outcome outcome =
                recover(upTo(UpdateState.SAVED), host.evidence(MigMode.CPR_TRANSFER, KNOWN, host.moves(), "paused"));
        assertThat(outcome.status()).isEqualTo(ExitStatus.OK);
        assertThat(was(vm(NEXT), "cont")).isFalse();
    }

    @Test
    void aGuestWithTheOldProcessGoneIsInTheNewOne() throws Exception {
        host.process(NEXT, "vm.g1.qmp", "running", "completed");
        assertThat(recover(UpdateState.SAVED, KNOWN).status()).isEqualTo(ExitStatus.OK);
    }

    @Test
    void aGuestThatArrivesWhileItIsLookedAtIsWaitedFor() throws Exception {
        host.process(OLD, "vm.qmp", "postmigrate", "completed");
        FakeVm next = host.process(NEXT, "vm.g1.qmp", "inmigrate", "active").vm.orElseThrow();
        next.answers.put("query-migrate", a -> {
            String now = next.migration;
            next.migration = "completed";
            next.runState = "running";
            return java.util.Map.of("status", now);
        });
        assertThat(recover(UpdateState.PAUSED, KNOWN).status()).isEqualTo(ExitStatus.OK);
    }

    static Stream<Arguments> unclear() {
        return Stream.of(
                Arguments.of("completed", "running", "running", "both processes say that they have the guest"),
                Arguments.of(
                        "completed", "guest-panicked", "postmigrate", "process 102 has the guest, but its run state"),
                Arguments.of(
                        "completed", "postmigrate", "postmigrate", "process 102 has had the guest, and has sent it"));
    }

    @ParameterizedTest
    @MethodSource("unclear")
    void nothingIsEndedWhereItIsNotClear(String migration, String next, String old, String message) throws Exception {
        host.process(OLD, "vm.qmp", old, old.equals("running") ? "none" : "completed");
        host.process(NEXT, "vm.g1.qmp", next, migration);
        Outcome outcome = recover(UpdateState.SAVED, KNOWN);
        assertThat(outcome.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(outcome.message()).startsWith("whoever ran it is gone; " + message);
        assertThat(host.processes.get(OLD).alive).isTrue();
        assertThat(host.processes.get(NEXT).alive).isTrue();
        assertThat(was(vm(OLD), "cont")).isFalse();
        assertThat(entered).isEmpty();
    }

    @Test
    void aVmmWhoseNewProcessDiedIsLetGoOn() throws Exception {
        host.process(OLD, "vm.qmp", "postmigrate", "completed");
        vm(OLD).answers.put("query-commands", a -> List.of(java.util.Map.of("name", Recovery.OWN_COMMAND)));
        Outcome outcome = recover(UpdateState.SAVED, KNOWN);
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.ABORTED);
        assertThat(vm(OLD).runState).isEqualTo("running");
    }

    @Test
    void aVmmWhoseGuestWasTakenRefuses() throws Exception {
        host.process(OLD, "vm.qmp", "postmigrate", "completed");
        vm(OLD).answers.put("query-commands", a -> List.of(java.util.Map.of("name", Recovery.OWN_COMMAND)));
        vm(OLD).answers.put("cont", a -> {
            throw new IOException("it has the guest");
        });
        Outcome outcome = recover(UpdateState.TAKEN, KNOWN);
        assertThat(outcome.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(outcome.message())
                .isEqualTo("whoever ran it is gone; the guest was taken by the new process, which is gone; the old"
                        + " one, 101, refuses to let it go on: it has the guest");
    }

    @Test
    void aQemuWhoseNewProcessDiedStaysStopped() throws Exception {
        host.process(OLD, "vm.qmp", "postmigrate", "completed");
        Outcome outcome = recover(UpdateState.SAVED, KNOWN);
        assertThat(outcome.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(outcome.message())
                .isEqualTo("whoever ran it is gone; the old process 101 has sent the guest and is stopped; the new"
                        + " one, process 102, is gone, and may have run it: it is left stopped. If you know that it"
                        + " never ran there, cont on " + folder.resolve("vm.qmp") + " lets it go on");
        assertThat(was(vm(OLD), "cont")).isFalse();
    }

    @Test
    void aQemuWhoseNewProcessCannotHaveRunGoesOn() throws Exception {
        host.process(OLD, "vm.qmp", "postmigrate", "completed");
        host.process(NEXT, "vm.g1.qmp", "inmigrate", "failed");
        assertThat(recover(UpdateState.SAVED, KNOWN).status()).isEqualTo(ExitStatus.ABORTED);
        assertThat(host.processes.get(NEXT).ended).isEqualTo("kill");
        assertThat(vm(OLD).runState).isEqualTo("running");
    }

    @Test
    void aQemuWhoseNewProcessSaysResumeWhenItIsKilledStaysStopped() throws Exception {
        host.process(OLD, "vm.qmp", "postmigrate", "completed");
        host.process(NEXT, "vm.g1.qmp", "inmigrate", "failed");
        vm(NEXT).answers.put("query-migrate", a -> {
            vm(NEXT).event("RESUME", Map.of());
            return Map.of("status", "failed");
        });
        assertThat(recover(UpdateState.SAVED, KNOWN).status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(was(vm(OLD), "cont")).isFalse();
    }

    @Test
    void aNewProcessThatDoesNotAnswerIsKilledOnlyIfTheOldOneHasTheGuest() throws Exception {
        host.process(OLD, "vm.qmp", "running", "setup");
        host.silent(NEXT);
        assertThat(recover(UpdateState.ARMED, KNOWN).status()).isEqualTo(ExitStatus.ABORTED);
        assertThat(host.processes.get(NEXT).ended).isEqualTo("kill");
        host.processes.get(OLD).kill();

        host.process(OLD, "vm.qmp", "postmigrate", "completed");
        host.silent(NEXT);
        Outcome outcome = recover(UpdateState.ARMED, KNOWN);
        assertThat(outcome.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(outcome.message()).startsWith("whoever ran it is gone; process 102 may have the guest");
        assertThat(host.processes.get(NEXT).alive).isTrue();
    }

    @Test
    void aGuestThatNoProcessHasIsLost() throws Exception {
        host.process(NEXT, "vm.g1.qmp", "inmigrate", "failed");
        Outcome outcome = recover(UpdateState.PAUSED, KNOWN);
        assertThat(outcome.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(outcome.message()).startsWith("whoever ran it is gone; the guest is lost: the old process 101");
        assertThat(host.processes.get(NEXT).ended).isEqualTo("kill");
    }

    @Test
    void aNewProcessThatRanAndEndedNeedsALook() throws Exception {
        host.process(OLD, "vm.qmp", "postmigrate", "completed");
        Outcome outcome = recover(UpdateState.RUNNING_NEW, KNOWN);
        assertThat(outcome.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(was(vm(OLD), "cont")).isFalse();
    }

    @Test
    void anOldProcessThatStaysIsSaid() throws Exception {
        host.process(OLD, "vm.qmp", "postmigrate", "completed").stubborn = true;
        host.process(NEXT, "vm.g1.qmp", "running", "completed");
        vm(OLD).answers.put("quit", a -> java.util.Map.of());
        assertThat(recover(UpdateState.RUNNING_NEW, KNOWN).message()).contains("101 could not be ended");
    }

    @Test
    void aQemuThatHasSentItsGuestThoughTheJournalDoesNotSaySoStaysStopped() throws Exception {
        host.process(OLD, "vm.qmp", "postmigrate", "completed");
        Outcome outcome = recover(UpdateState.STAGED, KNOWN); // the journal's disk was full after that
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(was(vm(OLD), "cont")).isFalse();

        host.silent(NEXT);
        assertThat(recover(UpdateState.STAGED, KNOWN).status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(host.processes.get(NEXT).alive).isTrue();
    }

    @Test
    void anUpdateThatWasJustAboutToBeTakenBackIsNotSaidToBe() throws Exception {
        List<UpdateState> states = new ArrayList<>(upTo(UpdateState.RUNNING_NEW));
        states.add(UpdateState.PLANNED);
        host.process(NEXT, "vm.g1.qmp", "paused", "completed");
        Outcome outcome = recover(states, host.evidence(MigMode.CPR_TRANSFER, KNOWN, host.moves(), "running"));
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(outcome.message()).contains("it was being taken back, and the guest is", "102, in the new program");
        assertThat(was(vm(NEXT), "cont")).as("an operator had paused it").isFalse();
        assertThat(entered).containsExactly(UpdateState.ABORTED);
        states.add(UpdateState.ABORTED);
        assertThat(recover(states, host.evidence(MigMode.CPR_TRANSFER, KNOWN, host.moves(), "running"))
                        .message())
                .contains("the guest is in the new program, and taking it back had failed: was ABORTED");
    }

    @Test
    void anUpdateThatWasBeingTakenBackEndsInThePreviousProgram() throws Exception {
        List<UpdateState> states = new ArrayList<>(upTo(UpdateState.RUNNING_NEW));
        states.addAll(upTo(UpdateState.SAVED));
        host.process(OLD, "vm.qmp", "postmigrate", "completed");
        host.process(NEXT, "vm.g1.qmp", "running", "completed");
        Evidence evidence = host.evidence(MigMode.CPR_TRANSFER, KNOWN, host.moves(), "running");
        assertThat(recover(states, evidence).status()).isEqualTo(ExitStatus.ROLLED_BACK);
        assertThat(entered.getLast()).isEqualTo(UpdateState.ROLLED_BACK);
    }

    @Test
    void oneWhoseTakingBackFailedNeedsALook() throws Exception {
        List<UpdateState> states = new ArrayList<>(upTo(UpdateState.RUNNING_NEW));
        states.addAll(upTo(UpdateState.CHECKED));
        host.process(OLD, "vm.qmp", "running", "none");
        Evidence evidence = host.evidence(MigMode.CPR_TRANSFER, Optional.empty(), host.moves(), "running");
        Outcome outcome = recover(states, evidence);
        assertThat(outcome.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(outcome.message()).contains("in the new program");
    }

    @Test
    void anotherUpdateOfItIsNotDisturbed() throws Exception {
        host.process(OLD, "vm.qmp", "running", "none");
        host.claimed = true;
        assertThat(recover(UpdateState.ARMED, KNOWN).status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(vm(OLD).commands).isEmpty();
    }
}
