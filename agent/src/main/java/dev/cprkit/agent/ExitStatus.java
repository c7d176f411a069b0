package dev.cprkit.agent;

import java.util.Optional;

/**
 * How an operation ended: the exit status of {@code cprctl} and {@code cpr-agent}, and the same name wherever a result is
 * reported (API, journal, metrics). The one table of it.
 */
public enum ExitStatus {
    OK(0, "ok", "done, or there was nothing to do"),
    ATTENTION(
            1,
            "attention",
            "somebody has to look: an old process remains, or it is not certain which process has the guest, or a"
                    + " guest was lost"),
    USAGE(2, "usage", "the command line or the request is wrong; nothing was done"),
    REFUSED(3, "refused", "a check refused; nothing was done"),
    ABORTED(4, "aborted", "it failed, took too long or was cancelled; the guest is in the old process, as it was"),
    ROLLED_BACK(5, "rolled-back", "the guest runs in the previous program again"),
    SAVED(6, "saved", "the guest is stopped, and its state is saved"),
    UNREACHABLE(7, "unreachable", "no agent, or no VM, answers there"),
    UNDER_WAY(8, "under-way", "it still goes on; only the wait for it has ended"),
    CONFLICT(9, "conflict", "another operation of that VM, or another one of that id, is in the way"),
    NOT_AUTHORISED(10, "not-authorised", "the caller may not do that");

    private final int number;
    private final String statusName;
    private final String meaning;

    ExitStatus(int number, String statusName, String meaning) {
        this.number = number;
        this.statusName = statusName;
        this.meaning = meaning;
    }

    /** The status of that name. */
    public static Optional<ExitStatus> of(String statusName) {
        for (ExitStatus status : values()) {
            if (status.statusName.equals(statusName)) {
                return Optional.of(status);
            }
        }
        return Optional.empty();
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
