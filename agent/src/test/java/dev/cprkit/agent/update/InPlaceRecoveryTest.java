package dev.cprkit.agent.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.operation.Operation.Step;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The tables of {@link Recovery} for the modes whose state goes through a file. */
class InPlaceRecoveryTest {
    private static final long OLD = RecoveryHost.OLD;
    private static final long NEXT = RecoveryHost.NEXT;
    private static final Optional<ProcessRef> KNOWN = Optional.of(new ProcessRef(NEXT, 1));

    @TempDir
    Path folder;

    private RecoveryHost host;
    private Path state;
    private final List<UpdateState> entered = new ArrayList<>();

    @BeforeEach
    void begin() throws IOException {
        host = new RecoveryHost(folder);
        state = Files.writeString(host.privateFolder.resolve("state"), "the guest");
    }

    @AfterEach
    void end() {
        host.close();
    }

    private Outcome recover(MigMode mode, UpdateState last, Optional<ProcessRef> next) {
        List<Step> steps = Stream.of(UpdateState.values())
                .filter(one -> one.ordinal() <= last.ordinal())
                .map(one -> new Step(one, Instant.now(), Duration.ZERO, "was " + one))
                .toList();
        Operation operation = new Operation(
                "one",
                OperationSpec.of(OperationKind.UPDATE, VmName.of("web").orElseThrow()),
                new Caller("ada", "cprctl"),
                Instant.now(),
                steps,
                List.of(),
                Optional.empty());
        UpdateJournal journal = new UpdateJournal() {
            @Override
            public void entered(UpdateStep step) {
                entered.add(step.state());
            }

            @Override
            public void found(Finding finding) {}
        };
        Evidence evidence = host.evidence(mode, next, List.of(), "running");
        return new Recovery(host, (monitor, pid) -> true).recover(operation, Optional.of(evidence), journal);
    }

    private FakeVm vm(long pid) {
        return host.processes.get(pid).vm.orElseThrow();
    }

    private RecoveryHost.One exec(String runState, String migration, boolean newProgram) throws IOException {
        RecoveryHost.One one = host.process(OLD, "vm.qmp", runState, migration);
        if (newProgram) {
            one.commandLine = List.of("/bin/new", "-incoming", "file:" + state);
        }
        return one;
    }

    private Outcome execed(UpdateState last) {
        return recover(MigMode.CPR_EXEC, last, Optional.of(new ProcessRef(OLD, 1)));
    }

    @ParameterizedTest
    @CsvSource({"CHECKED,running,none", "ARMED,running,none", "ARMED,running,failed", "PAUSED,finish-migrate,active"})
    void anExecThatDidNotHappenIsBackedOut(UpdateState last, String runState, String migration) throws Exception {
        exec(runState, migration, false);
        Outcome outcome = execed(last);
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.ABORTED);
        assertThat(vm(OLD).runState).isEqualTo("running");
        assertThat(vm(OLD).commands.contains("migrate_cancel")).isEqualTo(migration.equals("active"));
        assertThat(vm(OLD).commands).contains("migrate-set-parameters");
        assertThat(host.privateFolder).doesNotExist();
        assertThat(entered).containsExactly(UpdateState.ABORTED);
    }

    @Test
    void anExecThatStoppedHalfwayGoesOnInTheOldProgram() throws Exception {
        exec("postmigrate", "completed", false);
        assertThat(execed(UpdateState.SAVED).status()).isEqualTo(ExitStatus.ABORTED);
        assertThat(vm(OLD).commands).contains("cont");
    }

    @ParameterizedTest
    @EnumSource(names = {"ARMED", "PAUSED", "SAVED", "TAKEN", "RUNNING_NEW"})
    void anExecThatHappenedStays(UpdateState last) throws Exception {
        exec("running", "completed", true);
        Outcome outcome = execed(last);
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.OK);
        assertThat(host.processes.get(OLD).alive).isTrue();
        assertThat(vm(OLD).commands).doesNotContain("cont", "quit");
        assertThat(host.privateFolder).doesNotExist();
        assertThat(entered.getLast()).isEqualTo(UpdateState.COMMITTED);
    }

    @Test
    void anExecThatWaitsToBeToldIsTold() throws Exception {
        exec("inmigrate", "none", true);
        vm(OLD).answers.put("migrate-incoming", a -> {
            vm(OLD).migration = "completed";
            vm(OLD).runState = "running";
            return Map.of();
        });
        assertThat(execed(UpdateState.SAVED).status()).isEqualTo(ExitStatus.OK);
    }

    @Test
    void anExecWhoseProgramRefusedTheStateNeedsALook() throws Exception {
        exec("inmigrate", "failed", true);
        vm(OLD).answers.put("migrate-incoming", a -> {
            throw new IOException("The incoming migration has already been started");
        });
        Outcome outcome = execed(UpdateState.SAVED);
        assertThat(outcome.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(outcome.message())
                .isEqualTo("whoever ran it is gone; process 101 runs the new program, but it did not take the guest;"
                        + " the guest's state is in " + state);
        assertThat(state).exists();
    }

    @Test
    void anExecWhoseProcessIsGoneLostItsGuest() {
        Outcome outcome = execed(UpdateState.SAVED);
        assertThat(outcome.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(outcome.message()).contains("the guest is lost: its memory was in process 101, which is gone");
        assertThat(host.privateFolder).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"CHECKED,running,none", "ARMED,finish-migrate,active", "SAVED,postmigrate,completed"})
    void aRebootWhoseOldProcessIsThereIsBackedOut(UpdateState last, String runState, String migration)
            throws Exception {
        host.process(OLD, "vm.qmp", runState, migration);
        Outcome outcome = recover(MigMode.CPR_REBOOT, last, Optional.empty());
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.ABORTED);
        assertThat(vm(OLD).runState).isEqualTo("running");
        assertThat(host.privateFolder).doesNotExist();
        assertThat(host.started).isEmpty();
    }

    @Test
    void aSavedGuestIsStartedInTheNewProgram() {
        Outcome outcome = recover(MigMode.CPR_REBOOT, UpdateState.SAVED, Optional.empty());
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.OK);
        assertThat(host.started).hasSize(1);
        assertThat(vm(NEXT).commands).contains("migrate-incoming");
        assertThat(vm(NEXT).runState).isEqualTo("running");
        assertThat(entered).containsExactly(UpdateState.TAKEN, UpdateState.RUNNING_NEW, UpdateState.COMMITTED);
        assertThat(host.privateFolder).doesNotExist();
    }

    @Test
    void aSavedGuestIsStartedInThePreviousProgramIfTheNewOneCannot() {
        host.programsThatFail.add("/bin/new");
        Outcome outcome = recover(MigMode.CPR_REBOOT, UpdateState.SAVED, Optional.empty());
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.ROLLED_BACK);
        assertThat(host.started.getLast().getFirst()).isEqualTo("/bin/old");
        assertThat(entered).containsExactly(UpdateState.ROLLED_BACK);
    }

    @Test
    void aSavedGuestStaysSavedIfNoProgramCan() {
        host.programsThatFail.addAll(List.of("/bin/new", "/bin/old"));
        Outcome outcome = recover(MigMode.CPR_REBOOT, UpdateState.SAVED, Optional.empty());
        assertThat(outcome.status()).isEqualTo(ExitStatus.SAVED);
        assertThat(outcome.message()).contains(state.toString(), "no such program: /bin/new", "/bin/old");
        assertThat(state).exists();
    }

    @Test
    void aNewProcessThatWaitsIsTold() throws Exception {
        host.start(List.of("/bin/new"), folder, Map.of(), folder.resolve("log"));
        host.started.clear();
        assertThat(recover(MigMode.CPR_REBOOT, UpdateState.SAVED, KNOWN).status())
                .isEqualTo(ExitStatus.OK);
        assertThat(host.started).isEmpty();
        assertThat(vm(NEXT).commands).contains("migrate-incoming");
    }

    @Test
    void aNewProcessThatNobodyHadTimeToNoteIsFoundByItsMark() throws Exception {
        host.start(List.of("/bin/new"), folder, Map.of(), folder.resolve("log"));
        host.processes.get(NEXT).mark = "CPRKIT_UPDATE=" + host.privateFolder;
        host.started.clear();
        Outcome outcome = recover(MigMode.CPR_REBOOT, UpdateState.SAVED, Optional.empty());
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.OK);
        assertThat(host.started).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"SAVED", "TAKEN", "RUNNING_NEW"})
    void aNewProcessThatIsGoneMayHaveRunTheGuest(UpdateState last) {
        Outcome outcome = recover(MigMode.CPR_REBOOT, last, KNOWN);
        assertThat(outcome.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(outcome.message()).contains("may have run the guest; the state from before is in " + state);
        assertThat(state).exists();
        assertThat(host.started).isEmpty();
    }

    @Test
    void aGuestThatWasNotSavedIsLost() {
        Outcome outcome = recover(MigMode.CPR_REBOOT, UpdateState.PAUSED, Optional.empty());
        assertThat(outcome.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(outcome.message()).contains("the guest is lost: the old process 101 is gone");
        assertThat(host.started).isEmpty();
    }

    @Test
    void aGuestInTheNewProcessStaysThere() throws Exception {
        host.process(NEXT, "vm.qmp", "running", "completed");
        assertThat(recover(MigMode.CPR_REBOOT, UpdateState.SAVED, KNOWN).status())
                .isEqualTo(ExitStatus.OK);
        assertThat(vm(NEXT).commands).doesNotContain("cont", "quit");
    }
}
