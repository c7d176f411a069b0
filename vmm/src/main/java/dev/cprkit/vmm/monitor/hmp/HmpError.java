package dev.cprkit.vmm.monitor.hmp;

/** A command of the human monitor failed; the text is for its user, who sees it behind {@code Error: }. */
public final class HmpError extends Exception {
    private static final long serialVersionUID = 1L;

    public HmpError(String message) {
        super(message, null, false, false);
    }
}
