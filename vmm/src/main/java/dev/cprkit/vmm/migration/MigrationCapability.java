package dev.cprkit.vmm.migration;

import java.util.Optional;

/**
 * QAPI {@code MigrationCapability}, in QEMU 11.1's order (reference/qemu-cpr.md, section 1.2).
 *
 * <p>Those that only matter to a feature which is off can be on and do nothing, as in QEMU: {@code rdma-pin-all},
 * {@code release-ram}, {@code postcopy-blocktime}, {@code late-block-activate}. Those that would ask for what this program
 * does not do say so.
 */
public enum MigrationCapability {
    XBZRLE("xbzrle", "Compression of repeated pages is not supported by this version; leave capability 'xbzrle' off"),
    RDMA_PIN_ALL("rdma-pin-all"),
    AUTO_CONVERGE("auto-converge"),
    EVENTS("events"),
    POSTCOPY_RAM(
            "postcopy-ram",
            "Postcopy is not supported by this version; leave capability 'postcopy-ram' off",
            "Cannot use postcopy with CPR"),
    X_COLO(
            "x-colo",
            "COLO is not supported by this version; leave capability 'x-colo' off",
            "Cannot use COLO with CPR"),
    RELEASE_RAM("release-ram"),
    RETURN_PATH("return-path"),
    PAUSE_BEFORE_SWITCHOVER("pause-before-switchover"),
    MULTIFD(
            "multifd",
            "Migration over several connections is not supported by this version; leave capability 'multifd' off"),
    DIRTY_BITMAPS(
            "dirty-bitmaps",
            "This machine has no disks with dirty bitmaps; leave capability 'dirty-bitmaps' off",
            "Cannot use postcopy with CPR"),
    POSTCOPY_BLOCKTIME("postcopy-blocktime"),
    LATE_BLOCK_ACTIVATE("late-block-activate"),
    X_IGNORE_SHARED("x-ignore-shared"),
    VALIDATE_UUID("validate-uuid"),
    BACKGROUND_SNAPSHOT(
            "background-snapshot",
            "Background snapshots are not supported by this version; leave capability 'background-snapshot' off",
            "Cannot use background snapshot with CPR"),
    ZERO_COPY_SEND("zero-copy-send"),
    POSTCOPY_PREEMPT("postcopy-preempt"),
    SWITCHOVER_ACK(
            "switchover-ack",
            "No device of this version acknowledges a switchover; leave capability 'switchover-ack' off"),
    DIRTY_LIMIT("dirty-limit"),
    MAPPED_RAM("mapped-ram");

    private final String qapiName;
    private final String lack;
    private final String conflictWithCpr;

    MigrationCapability(String qapiName) {
        this(qapiName, "");
    }

    MigrationCapability(String qapiName, String lack) {
        this(qapiName, lack, "");
    }

    MigrationCapability(String qapiName, String lack, String conflictWithCpr) {
        this.qapiName = qapiName;
        this.lack = lack;
        this.conflictWithCpr = conflictWithCpr;
    }

    /** The name on the wire. */
    public String qapiName() {
        return qapiName;
    }

    /** Why it cannot be switched on here; empty if it can, be it that it has an effect or that nothing asks for it. */
    String lack() {
        return lack;
    }

    /** QEMU's reason why it cannot be on in a CPR mode; empty if it can. */
    String conflictWithCpr() {
        return conflictWithCpr;
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
