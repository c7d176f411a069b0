package dev.cprkit.vmm.objects;

/** An object cannot be made or removed; the message is for the user. */
public final class ObjectException extends Exception {
    private static final long serialVersionUID = 1L;

    public ObjectException(String message, Throwable cause) {
        super(message, cause);
    }

    public ObjectException(String message) {
        super(message);
    }
}
