package dev.cprkit.vmm.monitor.hmp;

import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.machine.VirtualMachine.CannotResume;
import java.util.List;

/** The human monitor's commands on the guest's run state: stop, cont, quit, system_reset and the like, info status. */
public final class RunHmp {
    private final VirtualMachine machine;

    public RunHmp(VirtualMachine machine) {
        this.machine = machine;
    }

    /** Adds the commands. */
    public void register(HmpRegistry registry) {
        registry.add(new HmpCommand(List.of("stop", "s"), "", "stop emulation", (out, rest) -> stop()));
        registry.add(new HmpCommand(List.of("cont", "c"), "", "resume emulation", (out, rest) -> cont()));
        registry.add(new HmpCommand(List.of("quit", "q"), "", "quit the emulator", (out, rest) -> quit()));
        registry.add(new HmpCommand("system_reset", "", "reset the system", (out, rest) -> reset()));
        registry.add(
                new HmpCommand("system_powerdown", "", "send system power down event", (out, rest) -> powerdown()));
        registry.add(new HmpCommand("system_wakeup", "", "wakeup guest from suspend", (out, rest) -> wakeup()));
        registry.addInfo(new HmpCommand(
                "status", "", "show the current VM status (running|paused)", (out, rest) -> status(out)));
    }

    private void stop() {
        machine.stop(RunState.PAUSED);
    }

    private void cont() throws HmpError {
        try {
            machine.resume();
        } catch (CannotResume e) {
            throw new HmpError(e.getMessage());
        }
    }

    private void quit() {
        machine.shutdown("host-qmp-quit", false, 0);
    }

    private void reset() throws HmpError {
        try {
            machine.reset("host-qmp-system-reset", false);
        } catch (CannotResume e) {
            throw new HmpError(e.getMessage());
        }
    }

    private void powerdown() {
        machine.events().emit("POWERDOWN");
    }

    private void wakeup() throws HmpError {
        try {
            machine.wakeUp();
        } catch (CannotResume e) {
            throw new HmpError(e.getMessage());
        }
    }

    private void status(HmpOutput out) {
        RunState state = machine.runState();
        String detail =
                switch (state) {
                    case RUNNING -> "running";
                    case PAUSED -> "paused";
                    case DEBUG,
                            INMIGRATE,
                            INTERNAL_ERROR,
                            IO_ERROR,
                            POSTMIGRATE,
                            PRELAUNCH,
                            FINISH_MIGRATE,
                            RESTORE_VM,
                            SAVE_VM,
                            SHUTDOWN,
                            SUSPENDED,
                            WATCHDOG,
                            GUEST_PANICKED,
                            COLO -> "paused (" + state.qapiName() + ")";
                };
        out.println("VM status: " + detail);
    }
}
