package dev.cprkit.agent.update;

import dev.cprkit.proto.client.QmpException;

/**
 * What can be seen of the guest's way from the old process to the new one. Each question throws when the answer can no
 * longer be yes.
 */
final class SwitchOver {
    private final NewVm next;
    private final Departure leaving;
    private final Arrival arriving;

    SwitchOver(OldVm old, NewVm next) {
        this.next = next;
        this.leaving = new Departure(old);
        this.arriving = new Arrival(next);
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
        return arriving.hasTaken();
    }
}
