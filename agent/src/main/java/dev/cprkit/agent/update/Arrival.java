package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.monitor.MigrationInfo;
import dev.cprkit.agent.monitor.MigrationProgress;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigrationStatus;

/** What can be seen of the guest's coming into the new process. Throws when it can no longer be there. */
final class Arrival {
    private final NewVm next;
    private final MigrationProgress arriving;

    Arrival(NewVm next) {
        this.next = next;
        this.arriving = new MigrationProgress(next.monitor());
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
