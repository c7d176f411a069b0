package dev.cprkit.agent.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.monitor.MigrationSettings;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.operation.Operation.Step;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.reboot.SavedStates;
import dev.cprkit.agent.reboot.SavedVm;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRecord;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of {@link RebootOfHostRecovery}. */
class RebootOfHostRecoveryTest {
    private static final VmName WEB = VmName.of("web").orElseThrow();
    private static final long OLD = RecoveryHost.OLD;
    private static final long NEXT = RecoveryHost.NEXT;

    private static final UpdateJournal JOURNAL = new UpdateJournal() {
        @Override
        public void entered(UpdateStep step) {
            assertThat(step.state()).isEqualTo(UpdateState.ABORTED);
        }

        @Override
        public void found(Finding finding) {}
    };

    @TempDir
    Path folder;

    private RecoveryHost host;
    private SavedStates states;

    @BeforeEach
    void begin() throws IOException {
        host = new RecoveryHost(folder);
        states = new SavedStates(new Home(folder, folder));
    }

    @AfterEach
    void end() {
        host.close();
    }

    private void keep(String operation) throws IOException {
        Path fresh = Files.createDirectories(folder.resolve("saved/.fresh"));
        Files.writeString(fresh.resolve(SavedStates.STATE), "the state");
        states.keep(
                fresh,
                new SavedVm(
                        new VmRecord(WEB, VmRecord.Origin.ADOPTED, folder.resolve("vm.qmp"), List.of(), Instant.now()),
                        operation,
                        1,
                        Instant.now(),
                        "running",
                        new Operation.Program(Path.of("/bin/old"), "", ""),
                        List.of("/bin/old"),
                        List.of("-incoming", "defer"),
                        folder,
                        Map.of(),
                        folder.resolve("vm.qmp"),
                        Map.of(),
                        folder.resolve("log"),
                        9,
                        "",
                        false,
                        Map.of(),
                        List.of(),
                        MigrationSettings.NONE));
    }

    private Operation operation(OperationKind kind, UpdateState last) {
        return new Operation(
                "one",
                OperationSpec.of(kind, WEB),
                new Caller("ada", "cprctl"),
                Instant.now(),
                List.of(new Step(last, Instant.now(), Duration.ZERO, "")),
                List.of(),
                Optional.empty());
    }

    private Outcome save(UpdateState last) {
        Evidence evidence = host.evidence(MigMode.CPR_REBOOT, Optional.empty(), List.of(), "running");
        return new RebootOfHostRecovery(states, host, (monitor, pid) -> true)
                .save(operation(OperationKind.SAVE, last), Optional.of(evidence), JOURNAL);
    }

    private Outcome restore(UpdateState last) {
        Evidence evidence =
                host.evidence(MigMode.CPR_REBOOT, Optional.of(new ProcessRef(NEXT, 1)), List.of(), "running");
        return new RebootOfHostRecovery(states, host, (monitor, pid) -> true)
                .restore(operation(OperationKind.RESTORE, last), Optional.of(evidence), JOURNAL);
    }

    private FakeVm vm(long pid) {
        return host.processes.get(pid).vm.orElseThrow();
    }

    @Test
    void aSaveThatKeptNothingYetIsBackedOut() throws Exception {
        host.process(OLD, "vm.qmp", "finish-migrate", "active");
        assertThat(save(UpdateState.ARMED).status()).isEqualTo(ExitStatus.ABORTED);
        assertThat(vm(OLD).commands).contains("migrate_cancel");
        assertThat(host.privateFolder).doesNotExist();
    }

    @Test
    void aSaveThatSentEverythingAndKeptNothingIsBackedOut() throws Exception {
        host.process(OLD, "vm.qmp", "postmigrate", "completed");
        assertThat(save(UpdateState.SAVED).status()).isEqualTo(ExitStatus.ABORTED);
        assertThat(vm(OLD).commands).contains("cont");
    }

    @Test
    void aSaveWhoseProcessIsGoneKeepsWhatThereIs() {
        assertThat(save(UpdateState.PAUSED).status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(host.privateFolder).exists();
    }

    @Test
    void aSavedGuestsProcessIsEnded() throws Exception {
        keep("one");
        host.process(OLD, "vm.qmp", "postmigrate", "completed");
        assertThat(save(UpdateState.SAVED).status()).isEqualTo(ExitStatus.SAVED);
        assertThat(host.processes.get(OLD).ended).isEqualTo("quit");
        assertThat(save(UpdateState.SAVED).status()).as("it is gone").isEqualTo(ExitStatus.SAVED);
        assertThat(states.find(WEB)).isPresent();
    }

    @Test
    void aSavedGuestThatRunsAgainIsNoLongerSaved() throws Exception {
        keep("one");
        host.process(OLD, "vm.qmp", "running", "none");
        assertThat(save(UpdateState.SAVED).status()).isEqualTo(ExitStatus.ABORTED);
        assertThat(host.processes.get(OLD).alive).isTrue();
        assertThat(states.find(WEB)).isEmpty();
    }

    @Test
    void theStateOfAnotherSaveIsNotThisOnes() throws Exception {
        keep("another");
        host.process(OLD, "vm.qmp", "running", "none");
        assertThat(save(UpdateState.CHECKED).status()).isEqualTo(ExitStatus.ABORTED);
        assertThat(states.find(WEB)).isPresent();
    }

    @Test
    void aRestoreWhoseGuestHasNotRunIsTakenBack() throws Exception {
        keep("one");
        host.process(NEXT, "vm.qmp", "paused", "completed");
        assertThat(restore(UpdateState.TAKEN).status()).isEqualTo(ExitStatus.SAVED);
        assertThat(host.processes.get(NEXT).ended).isEqualTo("kill");
        assertThat(states.find(WEB)).isPresent();
    }

    @Test
    void aRestoreThatWasAboutToLetTheGuestGoOnDoes() throws Exception {
        keep("one");
        states.consume(WEB);
        host.process(NEXT, "vm.qmp", "paused", "completed");
        assertThat(restore(UpdateState.TAKEN).status()).isEqualTo(ExitStatus.OK);
        assertThat(vm(NEXT).runState).isEqualTo("running");
        assertThat(states.consumed(WEB)).isEmpty();
    }

    @Test
    void aRestoreWhoseGuestMayHaveRunIsNotDoneAgain() throws Exception {
        keep("one");
        states.consume(WEB);
        Outcome outcome = restore(UpdateState.TAKEN);
        assertThat(outcome.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(outcome.message()).contains(states.consumedOf(WEB).toString());
        assertThat(states.consumed(WEB)).isPresent();
    }

    @Test
    void aRestoreThatCameToItsEndIsDone() throws Exception {
        host.process(NEXT, "vm.qmp", "running", "completed");
        assertThat(restore(UpdateState.COMMITTED).status()).isEqualTo(ExitStatus.OK);
    }

    @Test
    void aProcessThatOnlyKnowsTheFolderIsLeftAlone() throws Exception {
        keep("one");
        RecoveryHost.One restoredBefore = host.silent(201); // and goes by another name by now
        restoredBefore.mark = "CPRKIT_UPDATE=" + host.privateFolder;
        RecoveryHost.One reads = host.silent(202);
        reads.commandLine = List.of("less", host.privateFolder + "/manifest.json");
        RecoveryHost.One ours = host.silent(203);
        host.environment = Map.of("CPRKIT_UPDATE", host.privateFolder + "#1");
        ours.mark = "CPRKIT_UPDATE=" + host.privateFolder + "#1";
        assertThat(restore(UpdateState.STAGED).status()).isEqualTo(ExitStatus.SAVED);
        assertThat(ours.alive).isFalse();
        assertThat(restoredBefore.alive).isTrue();
        assertThat(reads.alive).isTrue();
    }
}
