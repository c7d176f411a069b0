package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.machine.config.GuestActions;
import dev.cprkit.vmm.machine.config.GuestActions.Choice;
import dev.cprkit.vmm.machine.config.GuestActions.Watchdog;
import java.util.Optional;

/** What the machine does when its guest restarts, ends, panics or forgets its watchdog: set-action, watchdog-set-action. */
public final class ActionCommands {
    private final VirtualMachine machine;

    public ActionCommands(VirtualMachine machine) {
        this.machine = machine;
    }

    /** Adds the commands. */
    public void register(QmpRegistry registry) {
        registry.add("set-action", this::setAction);
        registry.add("watchdog-set-action", this::watchdogSetAction);
    }

    private JsonValue setAction(QmpArguments arguments) throws QmpError {
        GuestActions next = machine.actions();
        next = take(arguments, "reboot", GuestActions.Reboot.values())
                .map(next::with)
                .orElse(next);
        next = take(arguments, "shutdown", GuestActions.Shutdown.values())
                .map(next::with)
                .orElse(next);
        next = take(arguments, "panic", GuestActions.Panic.values())
                .map(next::with)
                .orElse(next);
        next = take(arguments, "watchdog", Watchdog.values()).map(next::with).orElse(next);
        arguments.end();
        return set(next);
    }

    private JsonValue watchdogSetAction(QmpArguments arguments) throws QmpError {
        String name = arguments.string("action");
        arguments.end();
        return set(machine.actions().with(choice("action", name, Watchdog.values())));
    }

    private JsonValue set(GuestActions next) throws QmpError {
        if (next.watchdog() == Watchdog.INJECT_NMI) {
            throw QmpError.generic(Watchdog.NO_NMI);
        }
        machine.actions(next);
        return new JsonObject();
    }

    private static <E extends Enum<E> & Choice> Optional<E> take(QmpArguments arguments, String name, E[] choices)
            throws QmpError {
        Optional<String> value = arguments.optionalString(name);
        return value.isEmpty() ? Optional.empty() : Optional.of(choice(name, value.get(), choices));
    }

    private static <E extends Enum<E> & Choice> E choice(String name, String value, E[] choices) throws QmpError {
        return GuestActions.of(choices, value)
                .orElseThrow(() -> QmpError.generic("Parameter '" + name + "' does not accept value '" + value + "'"));
    }
}
