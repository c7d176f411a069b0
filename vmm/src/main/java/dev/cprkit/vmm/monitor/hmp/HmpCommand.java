package dev.cprkit.vmm.monitor.hmp;

import java.util.List;

/**
 * One command of the human monitor.
 *
 * @param names its names, the usual one first: {@code cont}, {@code c}
 * @param params its parameters as help shows them: {@code [-d] uri}; empty if none
 * @param help one line that says what it does
 * @param action what it does
 */
public record HmpCommand(List<String> names, String params, String help, Action action) {
    public HmpCommand(String name, String params, String help, Action action) {
        this(List.of(name), params, help, action);
    }

    /** The usual name. */
    public String name() {
        return names.getFirst();
    }

    /** Runs on the main loop's thread with the machine lock held, and must not block. */
    @FunctionalInterface
    public interface Action {
        /**
         * Executes.
         *
         * @param rest what follows the command's name, without spaces around it; empty if nothing
         * @throws HmpError if it fails; the monitor prints {@code Error:} and its text
         * @throws HmpUsageException if the parameters are wrong; the monitor points at {@code help}
         */
        void run(HmpOutput out, String rest) throws HmpError, HmpUsageException;
    }
}
