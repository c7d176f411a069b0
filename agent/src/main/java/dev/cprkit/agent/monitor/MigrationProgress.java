package dev.cprkit.agent.monitor;

import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigrationStatus;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How a VM's migration goes, by its events, and by asking now and then. Asking costs the VM time on its main loop, and
 * just when that hurts: within the guest's pause. A VM without migration events is only asked. One thread uses it.
 */
public final class MigrationProgress {
    private static final long ASK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final VmMonitor monitor;
    private long asked = System.nanoTime();
    private MigrationInfo answer = new MigrationInfo(MigrationStatus.NONE.qapiName(), "", List.of(), Optional.empty());

    /** From now on. */
    public MigrationProgress(VmMonitor monitor) {
        this.monitor = monitor;
    }

    /** The status as far as it is known; why one failed is always asked for. */
    public MigrationInfo look() throws QmpException {
        Optional<MigrationStatus> told = monitor.events().migrationStatus().flatMap(MigrationStatus::of);
        if (told.equals(Optional.of(MigrationStatus.COMPLETED))) {
            return new MigrationInfo(MigrationStatus.COMPLETED.qapiName(), "", List.of(), Optional.empty());
        }
        boolean failed =
                told.equals(Optional.of(MigrationStatus.FAILED)) || told.equals(Optional.of(MigrationStatus.CANCELLED));
        if (failed || System.nanoTime() - asked > ASK_NANOS) {
            answer = monitor.migration();
            asked = System.nanoTime();
        }
        return answer;
    }
}
