package dev.cprkit.agent.operation;

import dev.cprkit.agent.ExitStatus;

/** A request about an operation cannot be met. The message is a sentence for people. */
public final class OperationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ExitStatus status;

    public OperationException(ExitStatus status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    /** What the caller's own exit status is. */
    public ExitStatus status() {
        return status;
    }
}
