package dev.cprkit.vmm.chardev;

/** A chardev cannot be opened or used as asked; the message is for the user. */
public final class ChardevException extends Exception {
    private static final long serialVersionUID = 1L;

    public ChardevException(String message) {
        super(message);
    }
}
