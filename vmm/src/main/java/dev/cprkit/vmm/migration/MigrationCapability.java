package dev.cprkit.vmm.migration;

import java.util.Optional;

/** QAPI {@code MigrationCapability}, in QEMU 11.1's order (reference/qemu-cpr.md, section 1.2). */
public enum MigrationCapability {
    XBZRLE("xbzrle"),
    RDMA_PIN_ALL("rdma-pin-all"),
    AUTO_CONVERGE("auto-converge"),
    EVENTS("events"),
    POSTCOPY_RAM("postcopy-ram"),
    X_COLO("x-colo"),
    RELEASE_RAM("release-ram"),
    RETURN_PATH("return-path"),
    PAUSE_BEFORE_SWITCHOVER("pause-before-switchover"),
    MULTIFD("multifd"),
    DIRTY_BITMAPS("dirty-bitmaps"),
    POSTCOPY_BLOCKTIME("postcopy-blocktime"),
    LATE_BLOCK_ACTIVATE("late-block-activate"),
    X_IGNORE_SHARED("x-ignore-shared"),
    VALIDATE_UUID("validate-uuid"),
    BACKGROUND_SNAPSHOT("background-snapshot"),
    ZERO_COPY_SEND("zero-copy-send"),
    POSTCOPY_PREEMPT("postcopy-preempt"),
    SWITCHOVER_ACK("switchover-ack"),
    DIRTY_LIMIT("dirty-limit"),
    MAPPED_RAM("mapped-ram");

    private final String qapiName;

    MigrationCapability(String qapiName) {
        this.qapiName = qapiName;
    }

    /** The name on the wire. */
    public String qapiName() {
        return qapiName;
    }

    /** The capability of that name. */
    public static Optional<MigrationCapability> of(String qapiName) {
        for (MigrationCapability capability : values()) {
            if (capability.qapiName.equals(qapiName)) {
                return Optional.of(capability);
            }
        }
        return Optional.empty();
    }
}
