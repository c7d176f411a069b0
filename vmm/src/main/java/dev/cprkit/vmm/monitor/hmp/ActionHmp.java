package dev.cprkit.vmm.monitor.hmp;

import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.machine.config.GuestActions;
import dev.cprkit.vmm.machine.config.GuestActions.Watchdog;

/** The human monitor's {@code watchdog_action}. */
public final class ActionHmp {
    private final VirtualMachine machine;

    public ActionHmp(VirtualMachine machine) {
        this.machine = machine;
    }

    /** Adds the command. */
    public void register(HmpRegistry registry) {
        registry.add(HmpCommand.of(
                "watchdog_action",
                "action:s",
                "[reset|shutdown|poweroff|pause|debug|none|inject-nmi]",
                "change watchdog action",
                (out, arguments) -> watchdogAction(arguments.string("action"))));
    }

    private void watchdogAction(String name) throws HmpError {
        Watchdog choice = GuestActions.of(Watchdog.values(), name)
                .orElseThrow(() -> new HmpError("invalid parameter value: " + name));
        if (choice == Watchdog.INJECT_NMI) {
            throw new HmpError(Watchdog.NO_NMI);
        }
        machine.actions(machine.actions().with(choice));
    }
}
