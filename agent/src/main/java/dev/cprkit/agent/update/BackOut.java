package dev.cprkit.agent.update;

import dev.cprkit.agent.monitor.MigrationInfo;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigrationStatus;
import java.time.Duration;
import java.util.Optional;

/**
 * Ends a failed update with the guest in the old process, as it was.
 *
 * <p>At no moment may both processes run the guest: they share its memory. So the new process is dead, and everything
 * that it had said is read, before the old one is told to go on; and the old one is not told to go on if the new one
 * said RESUME, which it sends before the first guest instruction (reference/qemu-cpr.md, sections 2.3, 5 and 11).
 */
final class BackOut {
    private static final Duration STEP = Duration.ofSeconds(10);
    private static final Duration FENCE = Duration.ofSeconds(2);

    private final OldVm old;
    private final Optional<NewVm> next;
    private final Watch watch;

    /** @param next the new process; empty where there is none beside the old one */
    BackOut(OldVm old, Optional<NewVm> next, Watch watch) {
        this.old = old;
        this.next = next;
        this.watch = watch;
    }

    /**
     * Makes sure that the new process will never run the guest, if that is still possible: {@code stop} makes a process
     * that is still loading end up paused. One in which the guest has begun to run is let go on, whether it answers or not.
     *
     * @return whether the new process has the guest already; then the update goes forward
     */
    boolean isTaken() {
        if (next.isEmpty() || !next.get().hasMonitor()) {
            return false;
        }
        VmMonitor monitor = next.get().monitor();
        try {
            monitor.setLimit(FENCE);
            monitor.stop();
            if (!next.get().hasResumed()) {
                return !old.wasLive() && hasArrived(monitor);
            }
            monitor.cont();
            return true;
        } catch (QmpException e) {
            // It answers no more: it is killed, and then its last words are looked at; but never with a guest that
            // runs.
            return next.get().hasResumed() && next.get().outlivesItsSockets();
        }
    }

    /** A guest that was stopped, and is all there, would be let run by a {@code cont} in the old process. */
    private boolean hasArrived(VmMonitor monitor) throws QmpException {
        return monitor.migration().is(MigrationStatus.COMPLETED)
                && monitor.runState().equals(old.runState());
    }

    /**
     * With the old process gone, what it had sent is all that there is of the guest: it is waited for, and runs in the new
     * process or nowhere.
     *
     * @return whether all of it arrived
     */
    boolean arrives() {
        if (next.isEmpty() || !next.get().hasMonitor()) {
            return false;
        }
        VmMonitor monitor = next.get().monitor();
        try {
            monitor.setLimit(STEP);
            watch.happens(STEP, () -> !monitor.migration().isRunning());
            if (!monitor.migration().is(MigrationStatus.COMPLETED)) {
                return false;
            }
            if (old.wasLive() && monitor.runState().equals("paused")) {
                monitor.cont(); // a fence had stopped it
            }
            return true;
        } catch (QmpException | UpdateFailure e) {
            return next.get().hasResumed() && next.get().outlivesItsSockets();
        }
    }

    /**
     * Backs out.
     *
     * @param migrateSent whether the old process was told to migrate
     * @param switching whether the new process was told to take the guest
     * @return why the guest's whereabouts are not certain; empty if it is in the old process, as it was
     */
    Optional<String> run(boolean migrateSent, boolean switching) {
        try {
            old.monitor().setLimit(STEP);
            if (migrateSent && !switching) {
                cancel(); // before the new one is killed, which the old one would take for its turn to connect
            }
            if (next.isPresent() && !next.get().destroy(STEP)) {
                return Optional.of("the new process " + next.get().pid() + " could not be ended");
            }
            if (next.isPresent() && next.get().hasResumed()) {
                return Optional.of("the guest had begun to run in the new process, which is gone; it is stopped in the"
                        + " old process " + old.process().pid() + ": never let it go on, its memory has changed since");
            }
            if (migrateSent) {
                awaitEndOfMigration();
                letGoOn();
            }
            old.restoreSettings();
            return verify();
        } catch (QmpException | UpdateFailure e) {
            return Optional.of(
                    old.process().outlivesItsSockets()
                            ? e.getMessage()
                            : "the old process " + old.process().pid() + " has ended");
        } finally {
            next.ifPresent(NewVm::removeTraces);
        }
    }

    private void cancel() {
        try {
            if (old.monitor().migration().isRunning()) {
                old.monitor().cancelMigration();
            }
        } catch (QmpException e) {
            // The new process must go all the same; what is wrong with the old one shows right after.
        }
    }

    private void awaitEndOfMigration() throws QmpException, UpdateFailure {
        // With the other end dead it fails by itself; one that never got that far is cancelled.
        if (!watch.happens(FENCE, this::migrationEnded)) {
            old.monitor().cancelMigration();
            watch.await("the old process's migration did not end", Deadline.in(STEP), this::migrationEnded);
        }
    }

    private boolean migrationEnded() throws QmpException {
        MigrationInfo migration = old.monitor().migration();
        return !migration.isRunning();
    }

    /** An old process that had sent everything is stopped in {@code postmigrate}: nobody took the guest, so it goes on. */
    private void letGoOn() throws QmpException, UpdateFailure {
        if (old.canGoOn()
                && watch.happens(FENCE, () -> old.monitor().runState().equals("postmigrate") || isAsBefore())
                && !isAsBefore()) {
            old.monitor().cont();
        }
    }

    private Optional<String> verify() throws QmpException, UpdateFailure {
        if (watch.happens(STEP, this::isAsBefore)) {
            return Optional.empty();
        }
        String state = old.monitor().runState();
        return Optional.of("the old process " + old.process().pid() + " has the guest, but its run state is " + state
                + " and was " + old.runState()
                + (state.equals("postmigrate") ? ": cont lets it go on there, and it cannot be updated before" : ""));
    }

    private boolean isAsBefore() throws QmpException {
        return old.monitor().runState().equals(old.runState());
    }
}
