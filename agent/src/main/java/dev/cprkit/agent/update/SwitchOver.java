package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.monitor.MigrationInfo;
import dev.cprkit.agent.monitor.MigrationProgress;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigrationStatus;

/**
 * What can be seen of the guest's way from the old process to the new one. Each question throws when the answer can no
 * longer be yes.
 */
final class SwitchOver {
    private final NewVm next;
    private final Departure leaving;
    private final MigrationProgress arriving;

    SwitchOver(OldVm old, NewVm next) {
        this.next = next;
        this.leaving = new Departure(old);
        this.arriving = new MigrationProgress(next.monitor());
    }

    /** Whether the guest stands still. */
    boolean hasStopped() throws QmpException, UpdateFailure {
        next.checkAlive();
        return leaving.hasStopped();
    }

    /** Whether the old process has sent everything; with a return path, also that the new one has loaded it. */
    boolean hasSent() throws QmpException, UpdateFailure {
        return leaving.hasSent();
    }

    /** Whether the new process has loaded everything. */
    boolean hasTaken() throws QmpException, UpdateFailure {
        next.checkAlive();
        MigrationInfo migration = arriving.look();
        if (migration.is(MigrationStatus.FAILED)) {
            throw new UpdateFailure(ExitStatus.ABORTED, "the new process refused the state: " + migration.error());
        }
        return migration.is(MigrationStatus.COMPLETED);
    }
}
