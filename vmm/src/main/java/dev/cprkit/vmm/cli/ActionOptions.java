package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.machine.config.GuestActions;
import dev.cprkit.vmm.machine.config.GuestActions.Choice;
import dev.cprkit.vmm.machine.config.GuestActions.Watchdog;
import java.util.Optional;

/** {@code -action [reboot=..][,shutdown=..][,panic=..][,watchdog=..]} and the options that stand for one of these. */
final class ActionOptions {
    private GuestActions actions = GuestActions.defaults();

    /** One {@code -action}; what it does not name stays. */
    void option(Properties properties) throws CommandLineException {
        Optional<GuestActions.Reboot> reboot = take(properties, "reboot", GuestActions.Reboot.values());
        Optional<GuestActions.Shutdown> shutdown = take(properties, "shutdown", GuestActions.Shutdown.values());
        Optional<GuestActions.Panic> panic = take(properties, "panic", GuestActions.Panic.values());
        Optional<Watchdog> watchdog = take(properties, "watchdog", Watchdog.values());
        properties.end();
        if (watchdog.isPresent() && watchdog.get() == Watchdog.INJECT_NMI) {
            throw properties.error(Watchdog.NO_NMI);
        }
        actions = reboot.map(actions::with).orElse(actions);
        actions = shutdown.map(actions::with).orElse(actions);
        actions = panic.map(actions::with).orElse(actions);
        actions = watchdog.map(actions::with).orElse(actions);
    }

    /** {@code -watchdog-action ACTION}. */
    void watchdog(String where, String argument) throws CommandLineException {
        Properties properties = Properties.none(where);
        properties.set("watchdog", argument);
        option(properties);
    }

    /** {@code -no-reboot}. */
    void noReboot() {
        actions = actions.with(GuestActions.Reboot.SHUTDOWN);
    }

    /** {@code -no-shutdown}. */
    void noShutdown() {
        actions = actions.with(GuestActions.Shutdown.PAUSE);
    }

    /** What was chosen. */
    GuestActions finish() {
        return actions;
    }

    private static <E extends Enum<E> & Choice> Optional<E> take(Properties properties, String name, E[] choices)
            throws CommandLineException {
        Optional<String> value = properties.take(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        Optional<E> choice = GuestActions.of(choices, value.get());
        if (choice.isEmpty()) {
            throw properties.error("Parameter '" + name + "' does not accept value '" + value.get() + "'");
        }
        return choice;
    }
}
