package dev.cprkit.vmm.machine;

import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.machine.VirtualMachine.CannotResume;

/** Someone who must agree before guest RAM is written again: the owner of the record of who owns the guest. */
@FunctionalInterface
public interface ResumeGuard {
    /**
     * Called before the guest runs or the machine is reset from a run state. On the main loop's thread with the machine
     * lock held.
     *
     * @throws CannotResume if another process has the guest; nothing has been changed then
     */
    void beforeTouchingGuest(RunState from) throws CannotResume;
}
