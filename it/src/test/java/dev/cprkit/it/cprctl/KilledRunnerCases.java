package dev.cprkit.it.cprctl;

import static dev.cprkit.it.cprctl.OperatedVm.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.update.UpdateState;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever runs an operation is killed (SIGKILL) at each step that it writes into the journal. Whoever comes next finds
 * one guest, with its memory, and leaves nothing over.
 */
@Timeout(240)
abstract class KilledRunnerCases {
    private final Peer peer;

    @TempDir
    private Path folder;

    private Path program;

    KilledRunnerCases(Peer peer) {
        this.peer = peer;
    }

    /** The steps of an update in that mode at which it is killed here; empty if another peer's will do. */
    abstract List<UpdateState> steps(ModeChoice mode);

    /** The steps of a restore. */
    abstract List<UpdateState> stepsOfRestore();

    @BeforeEach
    void find() throws Exception {
        Optional<Path> found = peer.find(folder);
        assumeTrue(found.isPresent(), peer.reason());
        program = found.orElseThrow();
    }

    @ParameterizedTest
    @EnumSource(
            value = ModeChoice.class,
            names = {"TRANSFER", "EXEC", "REBOOT"})
    void oneGuestRunsAndNothingIsLeft(ModeChoice mode) throws Exception {
        assumeTrue(!steps(mode).isEmpty(), "no " + mode.modes() + " here");
        try (OperatedVm vm = OperatedVm.start(peer, program, folder)) {
            for (UpdateState state : steps(mode)) {
                Operation ended = vm.killed(OperationKind.UPDATE, mode, state);
                if (state.ordinal() >= UpdateState.TAKEN.ordinal()) {
                    vm.assertMoved(ended);
                } else {
                    vm.assertWholeWhereItIsSaidToBe(ended);
                }
            }
        }
    }

    @Test
    void aSaveIsBackedOut() throws Exception {
        assumeTrue(!stepsOfRestore().isEmpty(), "no saves here");
        try (OperatedVm vm = OperatedVm.start(peer, program, folder)) {
            for (UpdateState state : List.of(UpdateState.ARMED, UpdateState.SAVED)) {
                vm.assertUntouched(vm.killed(OperationKind.SAVE, ModeChoice.AUTO, state), ExitStatus.ABORTED);
            }
        }
    }

    @Test
    void aRestoreIsFinishedOrTheGuestIsStillSaved() throws Exception {
        assumeTrue(!stepsOfRestore().isEmpty(), "no restores here");
        try (OperatedVm vm = OperatedVm.start(peer, program, folder)) {
            boolean saved = false;
            for (UpdateState state : stepsOfRestore()) {
                if (!saved) {
                    assertThat(status(vm.run(OperatedVm.spec(OperationKind.SAVE))))
                            .isEqualTo(ExitStatus.SAVED);
                    assertThat(vm.vm().processes()).isEmpty();
                    assertThat(status(vm.runWithoutVm(OperationKind.SAVE)))
                            .as("there is none to save")
                            .isEqualTo(ExitStatus.UNREACHABLE);
                }
                Operation ended = vm.killedWithoutVm(OperationKind.RESTORE, state);
                if (state == UpdateState.RUNNING_NEW) {
                    vm.assertMoved(ended);
                    saved = false;
                } else {
                    assertThat(status(ended)).as(ended.toString()).isEqualTo(ExitStatus.SAVED);
                    assertThat(vm.vm().processes()).as(ended.toString()).isEmpty();
                    saved = true;
                }
            }
            vm.assertMoved(vm.runWithoutVm(OperationKind.RESTORE));
        }
    }
}
