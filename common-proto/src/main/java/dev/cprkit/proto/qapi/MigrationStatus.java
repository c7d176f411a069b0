package dev.cprkit.proto.qapi;

import java.util.Optional;

/** QAPI {@code MigrationStatus}, in QEMU 11.1's order (reference/qemu-cpr.md, section 2.1). */
public enum MigrationStatus {
    NONE("none"),
    SETUP("setup"),
    CANCELLING("cancelling"),
    CANCELLED("cancelled"),
    ACTIVE("active"),
    POSTCOPY_DEVICE("postcopy-device"),
    POSTCOPY_ACTIVE("postcopy-active"),
    POSTCOPY_PAUSED("postcopy-paused"),
    POSTCOPY_RECOVER_SETUP("postcopy-recover-setup"),
    POSTCOPY_RECOVER("postcopy-recover"),
    COMPLETED("completed"),
    FAILING("failing"),
    FAILED("failed"),
    COLO("colo"),
    PRE_SWITCHOVER("pre-switchover"),
    DEVICE("device"),
    WAIT_UNPLUG("wait-unplug");

    private final String qapiName;

    MigrationStatus(String qapiName) {
        this.qapiName = qapiName;
    }

    /** The name on the wire. */
    public String qapiName() {
        return qapiName;
    }

    /** The status of that name, if there is one. Treat an unknown name as a migration that is still running. */
    public static Optional<MigrationStatus> of(String qapiName) {
        for (MigrationStatus status : values()) {
            if (status.qapiName.equals(qapiName)) {
                return Optional.of(status);
            }
        }
        return Optional.empty();
    }

    /** Neither ended nor never begun: a second migration is refused, capabilities are locked. */
    public boolean isRunning() {
        return switch (this) {
            case NONE, CANCELLED, COMPLETED, FAILED -> false;
            case SETUP,
                    CANCELLING,
                    ACTIVE,
                    POSTCOPY_DEVICE,
                    POSTCOPY_ACTIVE,
                    POSTCOPY_PAUSED,
                    POSTCOPY_RECOVER_SETUP,
                    POSTCOPY_RECOVER,
                    FAILING,
                    COLO,
                    PRE_SWITCHOVER,
                    DEVICE,
                    WAIT_UNPLUG -> true;
        };
    }
}
