package dev.cprkit.vmm.migration;

import static dev.cprkit.vmm.migration.MigrationCapability.AUTO_CONVERGE;
import static dev.cprkit.vmm.migration.MigrationCapability.BACKGROUND_SNAPSHOT;
import static dev.cprkit.vmm.migration.MigrationCapability.DIRTY_BITMAPS;
import static dev.cprkit.vmm.migration.MigrationCapability.DIRTY_LIMIT;
import static dev.cprkit.vmm.migration.MigrationCapability.LATE_BLOCK_ACTIVATE;
import static dev.cprkit.vmm.migration.MigrationCapability.MAPPED_RAM;
import static dev.cprkit.vmm.migration.MigrationCapability.MULTIFD;
import static dev.cprkit.vmm.migration.MigrationCapability.POSTCOPY_PREEMPT;
import static dev.cprkit.vmm.migration.MigrationCapability.POSTCOPY_RAM;
import static dev.cprkit.vmm.migration.MigrationCapability.RETURN_PATH;
import static dev.cprkit.vmm.migration.MigrationCapability.SWITCHOVER_ACK;
import static dev.cprkit.vmm.migration.MigrationCapability.XBZRLE;
import static dev.cprkit.vmm.migration.MigrationCapability.X_COLO;
import static dev.cprkit.vmm.migration.MigrationCapability.X_IGNORE_SHARED;

import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Which capabilities are on. Whatever is set, the resulting set has no two that conflict. Main loop's thread. */
public final class MigrationCapabilities {
    private Set<MigrationCapability> on = EnumSet.noneOf(MigrationCapability.class);

    /** Whether it is on. */
    public boolean has(MigrationCapability capability) {
        return on.contains(capability);
    }

    /** Switches one. */
    public void set(MigrationCapability capability, boolean state) throws QmpError {
        Map<MigrationCapability, Boolean> one = new EnumMap<>(MigrationCapability.class);
        one.put(capability, state);
        set(one);
    }

    /** Switches several, all or none of them. */
    public void set(Map<MigrationCapability, Boolean> states) throws QmpError {
        Set<MigrationCapability> next = EnumSet.copyOf(on);
        for (Map.Entry<MigrationCapability, Boolean> entry : states.entrySet()) {
            if (entry.getValue()) {
                next.add(entry.getKey());
            } else {
                next.remove(entry.getKey());
            }
        }
        check(next);
        on = next;
    }

    private static void check(Set<MigrationCapability> set) throws QmpError {
        if (set.contains(POSTCOPY_RAM) && set.contains(X_IGNORE_SHARED)) {
            throw QmpError.generic("Postcopy is not compatible with ignore-shared");
        }
        if (set.contains(BACKGROUND_SNAPSHOT)) {
            for (MigrationCapability other : set) {
                if (other != BACKGROUND_SNAPSHOT
                        && other != MigrationCapability.EVENTS
                        && other != MigrationCapability.RELEASE_RAM
                        && other != MigrationCapability.RDMA_PIN_ALL
                        && other != LATE_BLOCK_ACTIVATE) {
                    throw QmpError.generic("Background-snapshot is not compatible with " + other.qapiName());
                }
            }
        }
        if (set.contains(MULTIFD) && set.contains(XBZRLE)) {
            throw QmpError.generic("Multifd is not compatible with xbzrle");
        }
        if (set.contains(POSTCOPY_PREEMPT) && !set.contains(POSTCOPY_RAM)) {
            throw QmpError.generic("Postcopy preempt requires postcopy-ram");
        }
        if (set.contains(SWITCHOVER_ACK) && !set.contains(RETURN_PATH)) {
            throw QmpError.generic("Capability 'switchover-ack' requires capability 'return-path'");
        }
        if (set.contains(DIRTY_LIMIT) && set.contains(AUTO_CONVERGE)) {
            throw QmpError.generic("dirty-limit conflicts with auto-converge either of then available currently");
        }
        if (set.contains(MAPPED_RAM) && set.contains(XBZRLE)) {
            throw QmpError.generic("Mapped-ram migration is incompatible with xbzrle");
        }
        if (set.contains(MAPPED_RAM) && set.contains(POSTCOPY_RAM)) {
            throw QmpError.generic("Mapped-ram migration is incompatible with postcopy");
        }
    }

    /** Refuses what no CPR mode can be combined with. */
    void checkCpr() throws QmpError {
        if (has(POSTCOPY_RAM) || has(DIRTY_BITMAPS)) {
            throw QmpError.generic("Cannot use postcopy with CPR");
        }
        if (has(BACKGROUND_SNAPSHOT)) {
            throw QmpError.generic("Cannot use background snapshot with CPR");
        }
        if (has(X_COLO)) {
            throw QmpError.generic("Cannot use COLO with CPR");
        }
    }
}
