package dev.cprkit.vmm.cli;

/** The command line cannot be followed. The message is one line for the user; the process ends with status 1. */
public final class CommandLineException extends Exception {
    private static final long serialVersionUID = 1L;

    public CommandLineException(String message) {
        super(message, null, false, false);
    }
}
