package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.monitor.MigrationInfo;
import dev.cprkit.agent.monitor.MigrationProgress;
import dev.cprkit.agent.monitor.VmEvents;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigrationStatus;

/**
 * What can be seen of the guest's way from the old process to the new one. Each question throws when the answer can no
 * longer be yes.
 */
final class SwitchOver {
    private final OldVm old;
    private final NewVm next;
    private final MigrationProgress leaving;
    private final MigrationProgress arriving;

    SwitchOver(OldVm old, NewVm next) {
        this.old = old;
        this.next = next;
        this.leaving = new MigrationProgress(old.monitor());
        this.arriving = new MigrationProgress(next.monitor());
    }

    /** Whether the guest stands still; a guest that was not running does when its state begins to be sent. */
    boolean hasStopped() throws QmpException, UpdateFailure {
        next.checkAlive();
        MigrationInfo migration = goesOn(leaving);
        VmEvents events = old.monitor().events();
        return events.has("STOP")
                || events.migrationWas(MigrationStatus.ACTIVE.qapiName())
                || migration.is(MigrationStatus.COMPLETED);
    }

    /** Whether the old process has sent everything; with a return path, also that the new one has loaded it. */
    boolean hasSent() throws QmpException, UpdateFailure {
        return goesOn(leaving).is(MigrationStatus.COMPLETED);
    }

    /** Whether the new process has loaded everything. */
    boolean hasTaken() throws QmpException, UpdateFailure {
        next.checkAlive();
        MigrationInfo migration = arriving.look();
        if (migration.is(MigrationStatus.FAILED)) {
            throw new UpdateFailure(ExitStatus.FAILED, "the new process refused the state: " + migration.error());
        }
        return migration.is(MigrationStatus.COMPLETED);
    }

    /** How the old process's migration goes, unless it has failed. */
    static MigrationInfo goesOn(MigrationProgress leaving) throws QmpException, UpdateFailure {
        MigrationInfo migration = leaving.look();
        if (migration.is(MigrationStatus.FAILED) || migration.is(MigrationStatus.CANCELLED)) {
            String why = migration.error().isEmpty() ? "it does not say why" : migration.error();
            throw new UpdateFailure(
                    ExitStatus.FAILED, "the old process's migration " + migration.statusName() + ": " + why);
        }
        return migration;
    }
}
