package dev.cprkit.vmm.monitor.hmp;

/** The parameters of a command of the human monitor are wrong; the text says how. */
public final class HmpUsageException extends Exception {
    private static final long serialVersionUID = 1L;

    public HmpUsageException(String message) {
        super(message, null, false, false);
    }
}
