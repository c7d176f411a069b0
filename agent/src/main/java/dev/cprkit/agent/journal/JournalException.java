package dev.cprkit.agent.journal;

/** The journal cannot be used. The message is a sentence for people, with what to do, without its full stop. */
public final class JournalException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** Why. */
    public enum Reason {
        /** No room on its disk: goes again when there is. */
        FULL,
        /** Another process writes it for longer than we wait. */
        BUSY,
        /** It is damaged, of a newer version or another program's. */
        UNREADABLE,
        /** It cannot be opened, read or written: a permission, a folder, a broken disk. */
        INACCESSIBLE
    }

    JournalException(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
