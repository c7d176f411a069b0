package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.machine.VirtualMachine.CannotResume;

/** The guest's run state: query-status, stop, cont, quit, system_reset, system_powerdown, system_wakeup; query-current-machine. */
public final class RunCommands {
    private final VirtualMachine machine;

    public RunCommands(VirtualMachine machine) {
        this.machine = machine;
    }

    /** Adds the commands. */
    public void register(QmpRegistry registry) {
        registry.add("query-status", this::queryStatus);
        registry.add("stop", this::stop);
        registry.add("cont", this::cont);
        registry.add("quit", this::quit);
        registry.add("system_reset", this::reset);
        registry.add("system_powerdown", this::powerdown);
        registry.add("query-current-machine", this::queryCurrentMachine);
        registry.add("system_wakeup", this::wakeup);
    }

    private JsonValue queryStatus(QmpArguments arguments) throws QmpError {
        arguments.end();
        RunState state = machine.runState();
        return new JsonObject().put("status", state.qapiName()).put("running", state == RunState.RUNNING);
    }

    private JsonValue stop(QmpArguments arguments) throws QmpError {
        arguments.end();
        machine.stop(RunState.PAUSED);
        return new JsonObject();
    }

    private JsonValue cont(QmpArguments arguments) throws QmpError {
        arguments.end();
        try {
            machine.resume();
        } catch (CannotResume e) {
            throw QmpError.generic(e.getMessage());
        }
        return new JsonObject();
    }

    private JsonValue quit(QmpArguments arguments) throws QmpError {
        arguments.end();
        machine.shutdown("host-qmp-quit", false, 0);
        return new JsonObject();
    }

    private JsonValue reset(QmpArguments arguments) throws QmpError {
        arguments.end();
        try {
            machine.reset("host-qmp-system-reset", false);
        } catch (CannotResume e) {
            throw QmpError.generic(e.getMessage());
        }
        return new JsonObject();
    }

    /** The board has no power button: the event is all that happens, as with QEMU's virt board. */
    private JsonValue powerdown(QmpArguments arguments) throws QmpError {
        arguments.end();
        machine.events().emit("POWERDOWN");
        return new JsonObject();
    }

    private JsonValue wakeup(QmpArguments arguments) throws QmpError {
        arguments.end();
        try {
            machine.wakeUp();
        } catch (CannotResume e) {
            throw QmpError.generic(e.getMessage());
        }
        return new JsonObject();
    }

    private JsonValue queryCurrentMachine(QmpArguments arguments) throws QmpError {
        arguments.end();
        return new JsonObject().put("wakeup-suspend-support", machine.canWakeUp());
    }
}
