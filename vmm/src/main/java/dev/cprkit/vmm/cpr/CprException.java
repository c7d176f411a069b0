package dev.cprkit.vmm.cpr;

/** CPR state could not be sent or received. The message is for the user. */
public final class CprException extends Exception {
    private static final long serialVersionUID = 1L;

    public CprException(String message) {
        super(message, null, false, false);
    }
}
