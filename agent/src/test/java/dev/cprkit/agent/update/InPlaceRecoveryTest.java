package dev.cprkit.agent.update;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.hotplug.PlugCommand;
import dev.cprkit.agent.monitor.MigrationSettings;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tables of {@link Recovery} for the modes whose state goes through a file. */
class InPlaceRecoveryTest extends RecoveryCase {
    private Path state;

    @BeforeEach
    void writeState() throws IOException {
        state = Files.writeString(host.privateFolder.resolve("state"), "the guest");
    }

    private Outcome recover(MigMode mode, UpdateState last, Optional<ProcessRef> next) {
        return recover(upTo(last), host.evidence(mode, next, List.of(), "running"));
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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anExecThatWaitsIsGivenWhatWasHotPluggedUnlessItHasIt(boolean hasIt) throws Exception {
        hasPlugged();
        exec("inmigrate", "none", true);
        FakeVm vm = vm(OLD);
        vm.answers.put("device_add", a -> Map.of());
        vm.answers.put("device-list-properties", a -> List.of());
        vm.answers.put(
                "qom-list",
                a -> hasIt && a.path("path").asText().equals("/machine/peripheral")
                        ? List.of(Map.of("name", "net1", "type", "child<virtio-net-device>"))
                        : List.of());
        vm.answers.put("migrate-incoming", a -> {
            vm.migration = "completed";
            vm.runState = "running";
            return Map.of();
        });
        assertThat(execed(UpdateState.SAVED).status()).isEqualTo(ExitStatus.OK);
        assertThat(vm.commands.contains("device_add")).isEqualTo(!hasIt);
        if (!hasIt) {
            assertThat(vm.commands).containsSubsequence("device_add", "migrate-incoming");
        }
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
    void anotherIsStartedInPlaceOfANewProcessThatWaits() throws Exception {
        RecoveryHost.One waits = host.process(NEXT, "vm.qmp", "inmigrate", "failed");
        waits.vm.orElseThrow().answers.put("device_add", a -> {
            throw new IOException("Duplicate device ID");
        });
        Outcome outcome = recover(MigMode.CPR_REBOOT, UpdateState.SAVED, KNOWN);
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.OK);
        assertThat(waits.ended).isEqualTo("kill");
        assertThat(host.started).hasSize(1);
        assertThat(vm(NEXT).commands).contains("migrate-incoming");
    }

    @Test
    void aProcessThatIsStartedIsInTheJournalBeforeItIsToldToLoad() {
        List<Integer> known = new ArrayList<>();
        host.loads = vm -> {
            known.add(evidence.size());
            vm.migration = "completed";
            vm.runState = "running";
        };
        assertThat(recover(MigMode.CPR_REBOOT, UpdateState.SAVED, Optional.empty())
                        .status())
                .isEqualTo(ExitStatus.OK);
        assertThat(known).containsExactly(1);
        assertThat(evidence.getFirst().next()).isEqualTo(KNOWN);
    }

    private void hasPlugged() {
        host.plugged = List.of(new PlugCommand(
                "device net1",
                "device_add",
                JsonNodeFactory.instance.objectNode().put("id", "net1")));
    }

    @Test
    void whatWasHotPluggedIsPluggedInAgain() {
        hasPlugged();
        host.ignoresShared = true;
        host.shape = vm -> vm.answers.put("device_add", a -> Map.of());
        boolean[] ignores = {false};
        host.loads = vm -> {
            ignores[0] = vm.capabilities.get("x-ignore-shared");
            vm.migration = "completed";
            vm.runState = "running";
        };
        Outcome outcome = recover(MigMode.CPR_REBOOT, UpdateState.SAVED, Optional.empty());
        assertThat(outcome.status()).as(outcome.message()).isEqualTo(ExitStatus.OK);
        assertThat(vm(NEXT).commands).containsSubsequence("device_add", "migrate-incoming");
        assertThat(ignores).containsExactly(true);
    }

    @Test
    void itsMigrationSettingsAreCarriedOver() {
        host.settings = new MigrationSettings(
                Map.of("events", false),
                JsonNodeFactory.instance.objectNode().put("max-bandwidth", 77).put("mode", "normal"));
        recover(MigMode.CPR_REBOOT, UpdateState.SAVED, Optional.empty());
        assertThat(vm(NEXT).parameters.get("max-bandwidth")).hasToString("77");
        assertThat(vm(NEXT).capabilities).containsEntry("events", false);
        assertThat(vm(NEXT).mode).isEqualTo("normal");
    }

    @Test
    void aGuestThatBeganToRunIsNotStartedAgainFromItsOlderState() {
        host.loads = vm -> {
            vm.event("RESUME", Map.of());
            host.processes.get(NEXT).kill();
        };
        Outcome outcome = recover(MigMode.CPR_REBOOT, UpdateState.SAVED, Optional.empty());
        assertThat(outcome.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(outcome.message()).contains("the guest had begun to run").contains("is older than its disks");
        assertThat(host.started).hasSize(1);
        assertThat(state).exists();
    }

    @Test
    void aNewProcessThatNobodyHadTimeToNoteIsFoundByItsMark() throws Exception {
        host.process(NEXT, "vm.qmp", "running", "completed");
        host.processes.get(NEXT).mark = "CPRKIT_UPDATE=" + host.privateFolder;
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
