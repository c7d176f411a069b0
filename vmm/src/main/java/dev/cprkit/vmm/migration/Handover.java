package dev.cprkit.vmm.migration;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.vmm.cpr.Ownership;
import dev.cprkit.vmm.cpr.PauseTimeline;
import dev.cprkit.vmm.migration.channel.MigrationFailure;

/**
 * Who has the guest during one migration out of this process, as far as this process can know: by the ownership record
 * that it shares with a new process of this kind, or by that process's word. Main loop's thread.
 */
final class Handover {
    private final PauseTimeline timeline;
    private Ownership record;
    private boolean released;
    private boolean confirmed;

    Handover(PauseTimeline timeline) {
        this.timeline = timeline;
    }

    /** Makes the record for this attempt; it stays this object's. */
    Ownership begin(long generation) throws MigrationFailure {
        try {
            record = Ownership.begin(generation);
        } catch (ErrnoException e) {
            throw new MigrationFailure("the ownership record cannot be made: " + e.getMessage());
        }
        timeline.share(record);
        return record;
    }

    /** Why the new process will not take the guest, if it has looked at its state's manifest and said so. */
    String refusal() {
        return record == null ? "" : record.refusal();
    }

    /** Gives the guest away, if a new process has joined the record and so will take it by that. */
    void releaseToPartner() {
        if (record != null && record.joined()) {
            released = record.release();
        }
    }

    /** Gives the guest away; false if it was not this process's to give. */
    boolean release() {
        released = record.release();
        return released;
    }

    /** Whether the record decides who has the guest. */
    boolean isReleased() {
        return released;
    }

    /** Makes sure that the guest is this process's; false if the new process has it. */
    boolean takeBack() {
        if (released && !record.reclaim()) {
            return false;
        }
        released = false;
        return true;
    }

    /** Whether the new process has taken the guest, by the record. */
    boolean isTaken() {
        return record != null && record.isTaken();
    }

    /** The new process says that it has the guest; false if the record knows better. */
    boolean confirm() {
        confirmed = !released || isTaken();
        return confirmed;
    }

    /** After the end: whether another process has the guest. If nobody does, it is taken back. */
    boolean isGone() {
        return released ? !takeBack() : confirmed;
    }

    /** Lets go of the record, when a newer migration begins. */
    void forget() {
        timeline.unshare();
        if (record != null) {
            record.close();
            record = null;
        }
    }
}
