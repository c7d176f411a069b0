package dev.cprkit.vmm.migration;

import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.cpr.Checkpoint;
import dev.cprkit.vmm.cpr.PauseTimeline;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.run.RunStates;

/** The guest of a machine that it is about to leave: stopped for the switch, then gone, or let go on. Main loop's thread. */
final class DepartingGuest {
    private final VirtualMachine machine;
    private RunState before = RunState.RUNNING;
    private boolean stopped;

    DepartingGuest(VirtualMachine machine) {
        this.machine = machine;
    }

    /** Stops it; when this returns it executes nothing. False if it switched itself off before it could be stopped. */
    boolean stop(PauseTimeline timeline) {
        timeline.pass(Checkpoint.STOP_BEGIN);
        before = machine.runState();
        machine.stop(RunState.FINISH_MIGRATE);
        stopped = machine.runState() == RunState.FINISH_MIGRATE;
        if (before.isLive()) {
            timeline.pass(Checkpoint.LAST_GUEST_INSTRUCTION, machine.lastGuestInstruction());
        }
        return stopped;
    }

    /** What it was doing before it was stopped. */
    RunState before() {
        return before;
    }

    /** Whether it has been stopped for the switch and not been let go on since. */
    boolean isStopped() {
        return stopped;
    }

    /** It did not leave: it goes on with what it was doing. */
    void goOn() {
        if (stopped && before.isLive()) {
            machine.resumeAfterMigration();
        } else if (stopped) {
            if (!RunStates.allowed(machine.runState(), before)) {
                machine.setRunState(RunState.FINISH_MIGRATE); // the way back from postmigrate leads through it
            }
            machine.setRunState(before);
        }
        stopped = false;
    }

    /** It has left, as far as anybody knows. */
    void leave() {
        machine.setRunState(RunState.POSTMIGRATE);
    }

    /** It has left, nobody took it, and someone wants it to run here: it is this machine's again. */
    void comeBack() {
        stopped = false;
    }
}
