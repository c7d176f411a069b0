package dev.cprkit.vmm.memory;

/** Guest memory cannot be had. The message is one sentence for the user, and names the block, the file or the backend. */
public final class MemoryException extends Exception {
    private static final long serialVersionUID = 1L;

    public MemoryException(String message) {
        super(message);
    }

    public MemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
