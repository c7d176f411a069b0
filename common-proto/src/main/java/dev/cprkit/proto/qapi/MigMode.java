package dev.cprkit.proto.qapi;

import java.util.Optional;

/** QAPI {@code MigMode}: how a virtual machine moves to the next process (reference/qemu-cpr.md, section 0). */
public enum MigMode {
    NORMAL("normal"),
    CPR_REBOOT("cpr-reboot"),
    CPR_TRANSFER("cpr-transfer"),
    CPR_EXEC("cpr-exec");

    private final String qapiName;

    MigMode(String qapiName) {
        this.qapiName = qapiName;
    }

    /** The name on the wire. */
    public String qapiName() {
        return qapiName;
    }

    /** The mode of that name, if there is one. */
    public static Optional<MigMode> of(String qapiName) {
        for (MigMode mode : values()) {
            if (mode.qapiName.equals(qapiName)) {
                return Optional.of(mode);
            }
        }
        return Optional.empty();
    }
}
