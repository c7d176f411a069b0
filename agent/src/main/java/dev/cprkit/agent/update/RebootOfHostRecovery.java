package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.home.PrivateFolder;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.operation.Outcomes;
import dev.cprkit.agent.reboot.SavedStates;
import dev.cprkit.agent.reboot.SavedVm;
import dev.cprkit.agent.update.LeftProcess.Found;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Finishes, or backs out, a save or a restore around a restart of the host that was cut off.
 *
 * <pre>
 *   save      state under its name      process                     so
 *   no                                  has the guest, or sends     as before; what there is of a state removed: ABORTED
 *   no                                  has sent                    cont: ABORTED
 *   no                                  gone                        the guest is lost: ATTENTION
 *   yes                                 has sent                    ended: SAVED
 *   yes                                 has the guest               somebody let it go on: the state is older than the
 *                                                                   guest, and is removed: ABORTED
 *   yes                                 gone                        SAVED
 *
 *   restore   state under its name      process                     so
 *   yes                                 any                         the guest has not run: the process is killed: SAVED
 *   taken away, still there             has the guest, paused       cont: OK
 *   taken away, still there             has the guest               OK
 *   taken away, still there             gone                        ATTENTION: it may have run; the state stays
 *   removed                             has the guest               OK
 * </pre>
 */
public final class RebootOfHostRecovery {
    private static final Duration STEP = Duration.ofSeconds(10);

    private final SavedStates states;
    private final ProcessHost host;
    private final RecoveryScene.Identity identity;

    public RebootOfHostRecovery(SavedStates states, ProcessHost host) {
        this(states, host, (monitor, pid) -> monitor.peer().pid() == pid);
    }

    RebootOfHostRecovery(SavedStates states, ProcessHost host, RecoveryScene.Identity identity) {
        this.states = states;
        this.host = host;
        this.identity = identity;
    }

    /** Of a save. Never throws for anything that the VM or the host do. */
    public Outcome save(Operation operation, Optional<Evidence> evidence, UpdateJournal journal) {
        VmName name = operation.spec().vm();
        if (evidence.isEmpty()) {
            return outcome(ExitStatus.ABORTED, "nothing was done");
        }
        UpdateState last = operation.state().orElse(UpdateState.PLANNED);
        try (RecoveryScene scene = new RecoveryScene(host, evidence.get(), last, identity, journal)) {
            Optional<SavedVm> saved =
                    states.find(name).filter(vm -> vm.operation().equals(operation.id()));
            Outcome outcome = saved.isPresent() ? saved(scene, name) : notSaved(scene);
            if (outcome.status() == ExitStatus.ABORTED && last.allows(UpdateState.ABORTED)) {
                journal.entered(new UpdateStep(
                        UpdateState.ABORTED, Duration.between(operation.began(), Instant.now()), outcome.message()));
            }
            return outcome;
        } catch (UpdateFailure | IOException e) {
            return outcome(ExitStatus.ATTENTION, e.getMessage());
        }
    }

    private Outcome saved(RecoveryScene scene, VmName name) throws UpdateFailure, IOException {
        Found found = scene.settle(scene.old, STEP, EnumSet.of(Found.SILENT, Found.SENDING));
        String where = "the guest is stopped, and its state is saved in " + states.of(name);
        return switch (found) {
            case GONE -> outcome(ExitStatus.SAVED, where);
            case SENT -> {
                Commit commit = new Commit(
                        scene.old.process().orElseThrow(),
                        scene.old.answering(),
                        scene.evidence.oldQmp(),
                        scene.evidence.directory(),
                        scene.evidence.moves());
                yield commit.endOldProcess()
                        ? outcome(ExitStatus.SAVED, where)
                        : outcome(
                                ExitStatus.ATTENTION,
                                where + ", but process " + scene.old.pid() + " could not be ended: never let it go on");
            }
            case HAS_GUEST -> {
                states.remove(states.of(name));
                scene.restoreSettings();
                yield outcome(
                        ExitStatus.ABORTED,
                        "the guest was let go on since, and is " + scene.old.runState() + " in process "
                                + scene.old.pid() + "; what was saved is removed");
            }
            case SILENT, SENDING, WAITS, LOADING ->
                outcome(ExitStatus.ATTENTION, where + ", but process " + scene.old.pid() + " is " + found);
        };
    }

    private Outcome notSaved(RecoveryScene scene) throws UpdateFailure {
        Found found = scene.cancelled();
        if (found == Found.SENT && scene.wasLive()) {
            try {
                scene.old.monitor().cont();
            } catch (QmpException e) {
                return outcome(ExitStatus.ATTENTION, "process " + scene.old.pid() + ": " + e.getMessage());
            }
            found = scene.settle(scene.old, STEP, Set.of(Found.SENT));
        }
        if (found == Found.HAS_GUEST) {
            Optional<String> failed = scene.restoreSettings();
            PrivateFolder.remove(scene.evidence.privateFolder());
            String where = "the guest is " + scene.old.runState() + " in process " + scene.old.pid() + ", as before";
            return failed.isEmpty()
                    ? outcome(ExitStatus.ABORTED, where)
                    : outcome(
                            ExitStatus.ATTENTION, where + ", but its settings could not be set back: " + failed.get());
        }
        return outcome(
                ExitStatus.ATTENTION,
                "the process " + scene.evidence.old().pid() + " is " + found
                        + (found == Found.SENT ? " (cont on " + scene.evidence.oldQmp() + " lets it go on)" : "")
                        + "; what there is of the guest's state is in " + scene.evidence.privateFolder());
    }

    /** Of a restore. Never throws for anything that the VM or the host do. */
    public Outcome restore(Operation operation, Optional<Evidence> evidence, UpdateJournal journal) {
        VmName name = operation.spec().vm();
        String still = "the guest is still saved in " + states.of(name);
        if (evidence.isEmpty()) {
            return Files.exists(states.of(name))
                    ? outcome(ExitStatus.SAVED, still)
                    : outcome(ExitStatus.ABORTED, "nothing was done");
        }
        UpdateState last = operation.state().orElse(UpdateState.PLANNED);
        try (RecoveryScene scene = new RecoveryScene(host, evidence.get(), last, identity, journal)) {
            if (Files.exists(states.of(name))) {
                return scene.next.destroy(STEP)
                        ? outcome(ExitStatus.SAVED, still)
                        : outcome(
                                ExitStatus.ATTENTION,
                                still + ", but process " + scene.next.pid() + " could not be ended");
            }
            Optional<SavedVm> consumed = states.consumed(name);
            return running(scene, name, consumed);
        } catch (UpdateFailure | IOException e) {
            return outcome(ExitStatus.ATTENTION, e.getMessage());
        }
    }

    private Outcome running(RecoveryScene scene, VmName name, Optional<SavedVm> consumed) throws UpdateFailure {
        Found found = scene.settle(scene.next, STEP, EnumSet.of(Found.SILENT));
        if (found == Found.HAS_GUEST && scene.wasLive() && scene.next.runState().equals("paused")) {
            try {
                scene.next.monitor().cont();
            } catch (QmpException e) {
                return outcome(ExitStatus.ATTENTION, "process " + scene.next.pid() + ": " + e.getMessage());
            }
            found = scene.settle(scene.next, STEP, Set.of());
        }
        if (found == Found.HAS_GUEST) {
            scene.next.answering().ifPresent(scene.evidence.settings()::carryTo);
            consumed.ifPresent(vm -> GuestRestore.finish(states, vm));
            return outcome(ExitStatus.OK, "the guest is " + scene.next.runState() + " in process " + scene.next.pid());
        }
        return outcome(
                ExitStatus.ATTENTION,
                "the guest was let go on in process "
                        + scene.evidence
                                .next()
                                .map(ref -> Long.toString(ref.pid()))
                                .orElse("")
                        + ", which is " + found
                        + (consumed.isPresent() ? "; its state from before is in " + states.consumedOf(name) : ""));
    }

    private static Outcome outcome(ExitStatus status, String message) {
        return Outcomes.of(status, "whoever ran it is gone; " + message, MigMode.CPR_REBOOT);
    }
}
