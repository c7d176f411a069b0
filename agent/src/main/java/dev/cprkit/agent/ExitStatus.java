package dev.cprkit.agent;

/**
 * How an operation ended: the exit status of {@code cprctl}, and the same name wherever a result is reported.
 *
 * <p>An update that ends with {@link #FAILED}, {@link #REFUSED}, {@link #TIMED_OUT} or {@link #INTERRUPTED} has left
 * the guest in the old process as it was. After {@link #ATTENTION} somebody has to look.
 */
public enum ExitStatus {
    OK(0, "ok", "done"),
    FAILED(1, "failed", "it did not work; an update left the guest in the old process, as it was"),
    USAGE(2, "usage", "the command line is wrong; nothing was done"),
    UNREACHABLE(3, "unreachable", "there is no VM to talk to at that QMP socket"),
    REFUSED(4, "refused", "a check failed; nothing was done"),
    ATTENTION(5, "attention", "somebody has to look: an old process remains, or it is not certain that the guest runs"),
    TIMED_OUT(124, "timed-out", "it took too long; the guest is in the old process, as it was"),
    INTERRUPTED(130, "interrupted", "it was asked to stop; the guest is in the old process, as it was");

    private final int number;
    private final String statusName;
    private final String meaning;

    ExitStatus(int number, String statusName, String meaning) {
        this.number = number;
        this.statusName = statusName;
        this.meaning = meaning;
    }

    /** What the process exits with. */
    public int number() {
        return number;
    }

    /** The stable name, as in JSON output. */
    public String statusName() {
        return statusName;
    }

    /** One line for help and man page. */
    public String meaning() {
        return meaning;
    }
}
