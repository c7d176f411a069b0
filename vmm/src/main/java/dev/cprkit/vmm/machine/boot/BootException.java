package dev.cprkit.vmm.machine.boot;

/** What the user gave to boot from cannot be booted from. The text is one sentence for the user. */
public final class BootException extends Exception {
    private static final long serialVersionUID = 1L;

    public BootException(String message) {
        super(message);
    }

    public BootException(String message, Throwable cause) {
        super(message, cause);
    }
}
