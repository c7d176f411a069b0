package dev.cprkit.vmm.state;

/** State cannot be saved, or what was received is not state that this machine can load. The text says why. */
public final class StateException extends Exception {
    private static final long serialVersionUID = 1L;

    public StateException(String message) {
        super(message);
    }

    public StateException(String message, Throwable cause) {
        super(message, cause);
    }
}
