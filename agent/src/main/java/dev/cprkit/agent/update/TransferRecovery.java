package dev.cprkit.agent.update;

import dev.cprkit.agent.update.LeftProcess.Found;
import dev.cprkit.proto.client.QmpException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Finds out who has the guest after a cpr-transfer that was cut off: see {@link Recovery}. */
final class TransferRecovery {
    /** For a guest that is on its way and needs nobody to get there. */
    private static final Duration ARRIVAL = Duration.ofSeconds(20);

    private final RecoveryScene scene;
    private final LeftProcess old;
    private final LeftProcess next;

    TransferRecovery(RecoveryScene scene) {
        this.scene = scene;
        this.old = scene.old;
        this.next = scene.next;
    }

    Whereabouts find() throws UpdateFailure {
        if (scene.reached(UpdateState.RUNNING_NEW)) {
            return next.look() == Found.GONE
                    ? new Whereabouts.Unclear("the guest ran in process "
                            + scene.evidence.next().map(ref -> ref.pid()).orElse(0L)
                            + ", which has ended since")
                    : new Whereabouts.InNew();
        }
        // ARMED is in the journal before the new process is told to take the guest, unless its disk was full by then.
        boolean told = scene.reached(UpdateState.ARMED) || old.look() == Found.SENT;
        Found found = told ? scene.settle(next, ARRIVAL, EnumSet.of(Found.LOADING)) : next.look();
        if (found == Found.LOADING) {
            found = fenced();
        }
        return switch (found) {
            case HAS_GUEST -> taken();
            case WAITS, LOADING -> back(true);
            case SILENT -> told ? silent() : back(true);
            case GONE -> back(!told);
            case SENDING, SENT ->
                new Whereabouts.Unclear("process " + next.pid()
                        + " has had the guest, and has sent it on: its run state is " + next.runState());
        };
    }

    /** Makes sure that a guest that comes in late does not run: it ends up paused, or it does not come at all. */
    private Found fenced() {
        try {
            next.monitor().stop();
        } catch (QmpException e) {
            return next.look();
        }
        return next.look();
    }

    private Whereabouts taken() {
        if (old.look() == Found.HAS_GUEST) {
            return new Whereabouts.Unclear("both processes say that they have the guest: the old one, "
                    + old.pid() + ", is " + old.runState() + ", and the new one, " + next.pid() + ", is "
                    + next.runState());
        }
        return resume();
    }

    /** A guest that was running, and is paused, was stopped by a fence: by ours, or that of whoever was cut off. */
    private Whereabouts resume() {
        try {
            if (scene.wasLive() && next.runState().equals("paused")) {
                next.monitor().cont();
                next.look();
            }
        } catch (QmpException e) {
            return new Whereabouts.Unclear(
                    "process " + next.pid() + " has the guest and could not let it go on: " + e.getMessage());
        }
        boolean asBefore = next.runState().equals(scene.evidence.oldRunState());
        return asBefore
                ? new Whereabouts.InNew()
                : new Whereabouts.Unclear("process " + next.pid() + " has the guest, but its run state is "
                        + next.runState() + " and was " + scene.evidence.oldRunState() + "; the old process "
                        + old.pid() + " is " + old.look() + ": never let it go on");
    }

    /** It may have the guest, and does not say. It is left alone, unless the old one has the guest for certain. */
    private Whereabouts silent() throws UpdateFailure {
        return scene.cancelled() == Found.HAS_GUEST
                ? back(true)
                : new Whereabouts.Unclear("process " + next.pid() + " may have the guest and does not answer on "
                        + scene.evidence.nextQmp().map(Object::toString).orElse("any monitor") + "; the old process, "
                        + old.pid() + ", is " + old.look() + ": never let it go on while the other one is there");
    }

    /**
     * Back to the old process.
     *
     * @param neverRan whether it is certain that the guest did not run in the new process
     */
    private Whereabouts back(boolean neverRan) throws UpdateFailure {
        Found before =
                scene.cancelled(); // before the new one is killed: its end would be the old one's turn to connect
        if (!next.destroy(RecoveryScene.STEP)) {
            return new Whereabouts.Unclear("the new process " + next.pid() + " could not be ended");
        }
        Found found =
                before == Found.SENDING ? scene.settle(old, RecoveryScene.STEP, Set.of(Found.SENDING)) : old.look();
        Optional<String> why =
                switch (found) {
                    case HAS_GUEST -> Optional.empty();
                    case SENT -> takenBack(neverRan && !next.hasResumed()); // by its last words
                    case GONE ->
                        Optional.of("the guest is lost: the old process "
                                + scene.evidence.old().pid() + " is gone, and no other has all of its state");
                    case SILENT ->
                        Optional.of("the old process " + old.pid() + " does not answer on " + scene.evidence.oldQmp());
                    case SENDING, WAITS, LOADING ->
                        Optional.of("the old process " + old.pid() + " is still in run state " + old.runState());
                };
        return why.isPresent() ? new Whereabouts.Unclear(why.get()) : new Whereabouts.InOld();
    }

    /** An old process that has sent everything lets the guest go on only if it cannot have run elsewhere. */
    private Optional<String> takenBack(boolean neverRan) throws UpdateFailure {
        try {
            boolean keepsRecord = old.monitor().commands().contains(Recovery.OWN_COMMAND);
            if (!neverRan && !keepsRecord) {
                return Optional.of("the old process " + old.pid() + " has sent the guest and is stopped; the new one, "
                        + scene.evidence
                                .next()
                                .map(ref -> "process " + ref.pid())
                                .orElse("which was started")
                        + ", is gone, and may have run it: it is left stopped. If you know that it never ran there,"
                        + " cont on " + scene.evidence.oldQmp() + " lets it go on");
            }
            if (!scene.wasLive()) {
                return Optional.of("the guest was " + scene.evidence.oldRunState() + ", and is now stopped in the old"
                        + " process " + old.pid() + ", in run state " + old.runState() + ": cont on "
                        + scene.evidence.oldQmp() + " lets it go on");
            }
            old.monitor().cont();
        } catch (QmpException.ErrorReply e) {
            return Optional.of("the guest was taken by the new process, which is gone; the old one, " + old.pid()
                    + ", refuses to let it go on: " + e.description());
        } catch (QmpException e) {
            return Optional.of(e.getMessage());
        }
        return scene.settle(old, RecoveryScene.STEP, Set.of(Found.SENT)) == Found.HAS_GUEST
                ? Optional.empty()
                : Optional.of("the old process " + old.pid() + " did not let the guest go on: its run state is "
                        + old.runState());
    }
}
