package dev.cprkit.vmm;

/** The machine cannot be built or started; the message is one sentence for the user. */
final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    StartException(String message, Throwable cause) {
        super(message, cause);
    }

    StartException(String message) {
        super(message);
    }
}
