package dev.cprkit.agent.host;

/** A file may be changed by somebody who must not. The message begins with its path. */
public final class UntrustedException extends Exception {
    private static final long serialVersionUID = 1L;

    UntrustedException(String message) {
        super(message, null, false, false);
    }
}
