package dev.cprkit.it.cprctl;

import static dev.cprkit.agent.update.UpdateState.ARMED;
import static dev.cprkit.agent.update.UpdateState.PAUSED;
import static dev.cprkit.agent.update.UpdateState.PLANNED;
import static dev.cprkit.agent.update.UpdateState.RUNNING_NEW;
import static dev.cprkit.agent.update.UpdateState.SAVED;
import static dev.cprkit.agent.update.UpdateState.STAGED;
import static dev.cprkit.it.cprctl.OperatedVm.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.update.UpdateState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever fails during an update, exactly one guest runs afterwards with its memory intact, or it is stopped, or lost
 * with its process, and the message says so. No process, socket or file is left, and the journal has all of it. One guest
 * goes through the failures of a kind one after the other.
 */
@Timeout(240)
abstract class FailureCases {
    private final Peer peer;

    @TempDir
    private Path folder;

    private Path program;

    FailureCases(Peer peer) {
        this.peer = peer;
    }

    @BeforeEach
    void find() throws Exception {
        Optional<Path> found = peer.find(folder);
        assumeTrue(found.isPresent(), peer.reason());
        program = found.orElseThrow();
    }

    private OperatedVm start(ModeChoice mode) throws Exception {
        assumeTrue(mode != ModeChoice.EXEC || peer.knowsExec(), "this program has no cpr-exec");
        return OperatedVm.start(peer, program, folder);
    }

    @ParameterizedTest
    @EnumSource(
            value = ModeChoice.class,
            names = {"TRANSFER", "EXEC", "REBOOT"})
    void aProgramThatIsNoGood(ModeChoice mode) throws Exception {
        try (OperatedVm vm = start(mode)) {
            vm.assertUntouched(vm.update(mode, folder.resolve("missing")), ExitStatus.REFUSED);
            Path plain = Files.writeString(folder.resolve("plain"), "#!/bin/sh\n");
            vm.assertUntouched(vm.update(mode, plain), ExitStatus.REFUSED);

            Operation ended = vm.update(mode, taking("echo 'no such machine' >&2; exit 1"));
            assertDidNotTake(vm, mode, ended);
            boolean asked = mode == ModeChoice.EXEC && peer.isOurs(); // and what it printed then is in the message
            assertThat(
                            asked
                                    ? OperatedVm.message(ended)
                                    : ended.outcome().orElseThrow().output())
                    .contains("no such machine");
            if (!peer.isOurs() || mode != ModeChoice.REBOOT) { // two slow starts each
                assertDidNotTake(vm, mode, vm.update(mode, taking("kill -SEGV $$")));
                assertDidNotTake(vm, mode, vm.update(mode, edited(peer.machine().toOtherMachine())));
            }
            assertDidNotTake(vm, mode, vm.update(mode, edited("s/32M/16M/g")));
            vm.assertMoved(vm.update(mode, program));
        }
    }

    /** What becomes of a guest whose new program ends, or refuses it. */
    private void assertDidNotTake(OperatedVm vm, ModeChoice mode, Operation ended) throws Exception {
        switch (mode) {
            case TRANSFER -> vm.assertUntouched(ended, ExitStatus.ABORTED);
            case REBOOT -> vm.assertWholeInPrevious(ended);
            case EXEC, AUTO -> {
                if (peer.isOurs()) { // it asks the next program first
                    vm.assertUntouched(ended, ExitStatus.ABORTED);
                } else {
                    vm.assertLost(ended);
                    vm.startAgain();
                }
            }
        }
    }

    /** Not in mode cpr-exec: there a new program has a minute before it is given up. */
    @ParameterizedTest
    @EnumSource(
            value = ModeChoice.class,
            names = {"TRANSFER", "REBOOT"})
    void aProgramThatHangs(ModeChoice mode) throws Exception {
        assumeFalse(peer.isOurs(), "about the engine alone, and held with programs that start more quickly");
        try (OperatedVm vm = start(mode)) {
            assertDidNotTake(vm, mode, vm.update(mode, taking("exec sleep 1000"), peer.moment()));
            if (mode == ModeChoice.TRANSFER) {
                for (UpdateState state : List.of(STAGED, ARMED)) { // it listens by then
                    vm.at(state, moment -> OperatedVm.signal("STOP", moment.newPid()));
                    vm.assertUntouched(vm.update(mode, program, peer.moment()), ExitStatus.ABORTED);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ModeChoice.class,
            names = {"TRANSFER", "EXEC", "REBOOT"})
    void theOldProcessIsKilled(ModeChoice mode) throws Exception {
        try (OperatedVm vm = start(mode)) {
            for (UpdateState state : steps(PLANNED, mode == ModeChoice.REBOOT ? SAVED : RUNNING_NEW)) {
                vm.at(state, moment -> vm.kill(moment.oldPid()));
                Operation ended = vm.update(mode, program);
                boolean first = state.ordinal() < PAUSED.ordinal();
                if (mode == ModeChoice.EXEC || first || state == PAUSED && status(ended) == ExitStatus.ATTENTION) {
                    vm.assertLost(ended);
                    vm.startAgain();
                } else if (mode == ModeChoice.REBOOT && state == PAUSED) { // its state was in the file already
                    vm.assertWholeInPrevious(ended);
                } else {
                    vm.assertMoved(ended);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ModeChoice.class,
            names = {"TRANSFER", "REBOOT"})
    void theNewProcessIsKilled(ModeChoice mode) throws Exception {
        try (OperatedVm vm = start(mode)) {
            UpdateState first = mode == ModeChoice.REBOOT ? UpdateState.TAKEN : STAGED;
            for (UpdateState state : steps(first, RUNNING_NEW)) {
                vm.at(state, moment -> vm.kill(moment.newPid()));
                Operation ended = vm.update(mode, program);
                if (mode == ModeChoice.REBOOT) {
                    vm.assertStoppedInFile(ended);
                    vm.startAgain();
                } else if (status(ended) == ExitStatus.ATTENTION && state.ordinal() >= PAUSED.ordinal()) {
                    vm.assertStoppedInOld(ended);
                    vm.startAgain();
                } else { // not later than that: what it did with the guest is not known
                    assertThat(state).isLessThanOrEqualTo(SAVED);
                    vm.assertUntouched(ended, ExitStatus.ABORTED);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ModeChoice.class,
            names = {"TRANSFER", "EXEC", "REBOOT"})
    void itIsCancelledWhileAnotherOneIsAskedFor(ModeChoice mode) throws Exception {
        try (OperatedVm vm = start(mode)) {
            for (UpdateState state : steps(PLANNED, RUNNING_NEW)) {
                vm.at(state, moment -> {
                    assertThatThrownBy(() ->
                                    vm.operations().begin(Optional.empty(), OperatedVm.spec(OperationKind.UPDATE)))
                            .isInstanceOfSatisfying(
                                    OperationException.class,
                                    e -> assertThat(e.status()).isEqualTo(ExitStatus.CONFLICT));
                    vm.operations().cancel(moment.operation().id());
                });
                Operation ended = vm.update(mode, program);
                if (state.ordinal() <= ARMED.ordinal()) {
                    vm.assertUntouched(ended, ExitStatus.ABORTED);
                } else if (state.ordinal() >= UpdateState.TAKEN.ordinal() || mode == ModeChoice.TRANSFER) {
                    vm.assertMoved(ended);
                } else { // it may have been too late
                    vm.assertWholeWhereItIsSaidToBe(ended);
                }
            }
        }
    }

    /** With vmm, which starts slowly, only those at which its own part changes. */
    private Set<UpdateState> steps(UpdateState first, UpdateState last) {
        Set<UpdateState> steps = EnumSet.range(first, last);
        if (peer.isOurs()) {
            steps.retainAll(EnumSet.of(ARMED, SAVED, RUNNING_NEW));
        }
        return steps;
    }

    @Test
    void aFolderThatCannotBeWrittenTo() throws Exception {
        try (OperatedVm vm = start(ModeChoice.TRANSFER)) {
            Path sockets = vm.vm().qmp().getParent();
            try (Denied _ = Denied.writing(sockets)) {
                for (ModeChoice mode : peer.modes()) {
                    assertSaidToBeDenied(vm, vm.update(mode, program), sockets);
                }
            }
            try (Denied _ = Denied.writing(Files.createDirectories(vm.home().saved()))) {
                assertSaidToBeDenied(
                        vm, vm.update(ModeChoice.REBOOT, program), vm.home().saved());
            }
            List<Denied> later = new ArrayList<>();
            vm.at(UpdateState.CHECKED, moment -> later.add(Denied.writing(sockets)));
            try {
                vm.assertUntouched(vm.update(ModeChoice.TRANSFER, program), ExitStatus.ABORTED);
            } finally {
                later.getFirst().close();
            }
            vm.assertMoved(vm.update(ModeChoice.TRANSFER, program));
        }
    }

    private static void assertSaidToBeDenied(OperatedVm vm, Operation ended, Path folder) throws Exception {
        vm.assertUntouched(ended, ExitStatus.REFUSED);
        assertThat(ended.findings())
                .anyMatch(finding -> finding.code() == Finding.Code.PATH_TAKEN
                        && finding.subject().startsWith(folder.toString())
                        && finding.problem().contains("cannot be written to"));
    }

    @Test
    void aFullDisk() throws Exception {
        try (SmallDisk sockets = SmallDisk.at(folder.resolve("vm"));
                SmallDisk states = SmallDisk.at(folder.resolve("lib"));
                OperatedVm vm = start(ModeChoice.TRANSFER)) {
            vm.at(UpdateState.CHECKED, moment -> sockets.fill());
            vm.afterwards(sockets::empty);
            Operation ended = vm.update(ModeChoice.TRANSFER, program);
            vm.assertUntouched(ended, ExitStatus.ABORTED);
            assertThat(OperatedVm.message(ended)).contains("No space left on device");

            vm.at(ARMED, moment -> states.fill());
            vm.afterwards(states::empty);
            vm.assertUntouched(vm.update(ModeChoice.REBOOT, program), ExitStatus.ABORTED);
            vm.at(ARMED, moment -> states.fill()); // the journal's disk is nothing to the guest
            vm.afterwards(states::empty);
            vm.assertMoved(vm.update(ModeChoice.TRANSFER, program));

            states.fill();
            assertThatThrownBy(() -> vm.update(ModeChoice.TRANSFER, program))
                    .isInstanceOf(OperationException.class)
                    .hasMessageContaining("is full")
                    .hasMessageContaining("make room");
            states.empty();
            vm.assertMoved(vm.update(ModeChoice.TRANSFER, program));
        }
    }

    private Path edited(String how) throws IOException {
        return script("exec " + program + " $(echo \"$@\" | sed " + how + ")");
    }

    /** A program that answers every question as the right one does, and does this where it should take the guest. */
    private Path taking(String body) throws IOException {
        return script("case \"$*\" in *-incoming*) " + body + " ;; esac; exec " + program + " \"$@\"");
    }

    private Path script(String body) throws IOException {
        Path script = Files.createTempFile(folder, "program", ".sh");
        Files.writeString(script, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }
}
