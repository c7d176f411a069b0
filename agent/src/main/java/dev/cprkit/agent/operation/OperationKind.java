package dev.cprkit.agent.operation;

import java.util.Optional;

/** What an operation does to a VM. */
public enum OperationKind {
    UPDATE("update", "replaces the program that runs the VM"),
    ROLLBACK("rollback", "brings back the program that ran the VM before its last update"),
    SAVE("reboot-save", "saves the VM and ends its process, so that the host can restart"),
    RESTORE("reboot-restore", "starts a saved VM again");

    private final String kindName;
    private final String meaning;

    OperationKind(String kindName, String meaning) {
        this.kindName = kindName;
        this.meaning = meaning;
    }

    /** The kind of that name. */
    public static Optional<OperationKind> of(String kindName) {
        for (OperationKind kind : values()) {
            if (kind.kindName.equals(kindName)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }

    /** The stable name: in the API, in the journal, and of cprctl's subcommand. */
    public String kindName() {
        return kindName;
    }

    /** One line for people. */
    public String meaning() {
        return meaning;
    }
}
