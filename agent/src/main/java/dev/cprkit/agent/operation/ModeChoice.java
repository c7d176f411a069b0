package dev.cprkit.agent.operation;

import dev.cprkit.proto.qapi.MigMode;
import java.util.List;
import java.util.Optional;

/** How the guest shall get to the next process. The order is that of how much the guest notices, the least first. */
public enum ModeChoice {
    AUTO("auto"),
    TRANSFER("transfer"),
    EXEC("exec"),
    REBOOT("reboot");

    private final String choiceName;

    ModeChoice(String choiceName) {
        this.choiceName = choiceName;
    }

    /** The choice of that name; QEMU's names of the modes are taken as well. */
    public static Optional<ModeChoice> of(String name) {
        for (ModeChoice choice : values()) {
            if (choice.choiceName.equals(name) || ("cpr-" + choice.choiceName).equals(name) && choice != AUTO) {
                return Optional.of(choice);
            }
        }
        return Optional.empty();
    }

    /** The name in options and in the API. */
    public String choiceName() {
        return choiceName;
    }

    /** The modes to try, the least disruptive first. */
    public List<MigMode> modes() {
        return switch (this) {
            case AUTO -> List.of(MigMode.CPR_TRANSFER, MigMode.CPR_EXEC, MigMode.CPR_REBOOT);
            case TRANSFER -> List.of(MigMode.CPR_TRANSFER);
            case EXEC -> List.of(MigMode.CPR_EXEC);
            case REBOOT -> List.of(MigMode.CPR_REBOOT);
        };
    }
}
