package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.monitor.MigrationInfo;
import dev.cprkit.agent.monitor.MigrationProgress;
import dev.cprkit.agent.monitor.VmEvents;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigrationStatus;

/** What can be seen of the guest's leaving the old process. Each question throws when the answer can no longer be yes. */
final class Departure {
    private final VmEvents events;
    private final MigrationProgress leaving;

    Departure(OldVm old) {
        this.events = old.monitor().events();
        this.leaving = new MigrationProgress(old.monitor());
    }

    /** Whether the guest stands still; a guest that was not running does when its state begins to be sent. */
    boolean hasStopped() throws QmpException, UpdateFailure {
        MigrationInfo migration = look();
        return events.has("STOP")
                || events.migrationWas(MigrationStatus.ACTIVE.qapiName())
                || migration.is(MigrationStatus.COMPLETED);
    }

    /** Whether the old process has sent everything. */
    boolean hasSent() throws QmpException, UpdateFailure {
        return look().is(MigrationStatus.COMPLETED);
    }

    /** How it goes, unless it has failed. */
    MigrationInfo look() throws QmpException, UpdateFailure {
        MigrationInfo migration = leaving.look();
        if (migration.is(MigrationStatus.FAILED) || migration.is(MigrationStatus.CANCELLED)) {
            String why = migration.error().isEmpty() ? "it does not say why" : migration.error();
            throw new UpdateFailure(
                    ExitStatus.ABORTED, "the old process's migration " + migration.statusName() + ": " + why);
        }
        return migration;
    }
}
