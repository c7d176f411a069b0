package dev.cprkit.vmm.migration;

import static dev.cprkit.vmm.migration.MigrationCapability.AUTO_CONVERGE;
import static dev.cprkit.vmm.migration.MigrationCapability.BACKGROUND_SNAPSHOT;
import static dev.cprkit.vmm.migration.MigrationCapability.DIRTY_BITMAPS;
import static dev.cprkit.vmm.migration.MigrationCapability.DIRTY_LIMIT;
import static dev.cprkit.vmm.migration.MigrationCapability.LATE_BLOCK_ACTIVATE;
import static dev.cprkit.vmm.migration.MigrationCapability.MAPPED_RAM;
import static dev.cprkit.vmm.migration.MigrationCapability.MULTIFD;
import static dev.cprkit.vmm.migration.MigrationCapability.PAUSE_BEFORE_SWITCHOVER;
import static dev.cprkit.vmm.migration.MigrationCapability.POSTCOPY_BLOCKTIME;
import static dev.cprkit.vmm.migration.MigrationCapability.POSTCOPY_PREEMPT;
import static dev.cprkit.vmm.migration.MigrationCapability.POSTCOPY_RAM;
import static dev.cprkit.vmm.migration.MigrationCapability.RDMA_PIN_ALL;
import static dev.cprkit.vmm.migration.MigrationCapability.RELEASE_RAM;
import static dev.cprkit.vmm.migration.MigrationCapability.RETURN_PATH;
import static dev.cprkit.vmm.migration.MigrationCapability.SWITCHOVER_ACK;
import static dev.cprkit.vmm.migration.MigrationCapability.VALIDATE_UUID;
import static dev.cprkit.vmm.migration.MigrationCapability.XBZRLE;
import static dev.cprkit.vmm.migration.MigrationCapability.X_COLO;
import static dev.cprkit.vmm.migration.MigrationCapability.X_IGNORE_SHARED;
import static dev.cprkit.vmm.migration.MigrationCapability.ZERO_COPY_SEND;

import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.util.List;
import java.util.Set;

/** Which capabilities cannot be on together, in the order in which QEMU 11.1 finds fault. Stateless. */
final class CapabilityChecks {
    private static final List<MigrationCapability> NOT_WITH_SNAPSHOT = List.of(
            POSTCOPY_RAM,
            DIRTY_BITMAPS,
            POSTCOPY_BLOCKTIME,
            LATE_BLOCK_ACTIVATE,
            RETURN_PATH,
            MULTIFD,
            PAUSE_BEFORE_SWITCHOVER,
            AUTO_CONVERGE,
            RELEASE_RAM,
            RDMA_PIN_ALL,
            XBZRLE,
            X_COLO,
            VALIDATE_UUID,
            ZERO_COPY_SEND);

    private CapabilityChecks() {}

    /** Refuses a set that cannot be, beside those parameters. */
    static void check(Set<MigrationCapability> set, MigrationParameters parameters) throws QmpError {
        needs(set, X_COLO, RETURN_PATH);
        refuse(set, POSTCOPY_RAM, X_IGNORE_SHARED, "Postcopy is not compatible with ignore-shared");
        for (MigrationCapability other : NOT_WITH_SNAPSHOT) {
            refuse(set, BACKGROUND_SNAPSHOT, other, "Background-snapshot is not compatible with " + other.qapiName());
        }
        if (set.contains(ZERO_COPY_SEND)
                && (!set.contains(MULTIFD) || set.contains(XBZRLE) || compressedOrEncrypted(parameters))) {
            throw QmpError.generic("Zero copy only available for non-compressed non-TLS multifd migration");
        }
        if (set.contains(POSTCOPY_PREEMPT) && !set.contains(POSTCOPY_RAM)) {
            throw QmpError.generic("Postcopy preempt requires postcopy-ram");
        }
        needs(set, SWITCHOVER_ACK, RETURN_PATH);
        refuse(
                set,
                DIRTY_LIMIT,
                AUTO_CONVERGE,
                "dirty-limit conflicts with auto-converge either of then available currently");
        refuse(
                set,
                DIRTY_LIMIT,
                DIRTY_LIMIT,
                "dirty-limit requires KVM with accelerator property 'dirty-ring-size' set");
        refuse(set, MULTIFD, XBZRLE, "Multifd is not compatible with xbzrle");
        refuse(set, MAPPED_RAM, XBZRLE, "Mapped-ram migration is incompatible with xbzrle");
        refuse(set, MAPPED_RAM, POSTCOPY_RAM, "Mapped-ram migration is incompatible with postcopy");
    }

    private static void needs(Set<MigrationCapability> set, MigrationCapability one, MigrationCapability other)
            throws QmpError {
        if (set.contains(one) && !set.contains(other)) {
            throw QmpError.generic(
                    "Capability '" + one.qapiName() + "' requires capability '" + other.qapiName() + "'");
        }
    }

    private static void refuse(
            Set<MigrationCapability> set, MigrationCapability one, MigrationCapability other, String text)
            throws QmpError {
        if (set.contains(one) && set.contains(other)) {
            throw QmpError.generic(text);
        }
    }

    /** Whether parameters ask for what streams at fixed file offsets and unbuffered sends cannot have. */
    static boolean compressedOrEncrypted(MigrationParameters parameters) {
        return !parameters.text(MigrationParameter.MULTIFD_COMPRESSION).equals("none")
                || !parameters.text(MigrationParameter.TLS_CREDS).isEmpty();
    }
}
