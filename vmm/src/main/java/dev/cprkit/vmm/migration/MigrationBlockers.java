package dev.cprkit.vmm.migration;

import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.memory.RamBlock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What keeps this machine from migrating, for each mode (reference/qemu-cpr.md, sections 4.6 and 6.1): RAM that would be
 * lost, devices without state, and reasons that others add. Main loop's thread.
 */
public final class MigrationBlockers {
    private record Blocker(Set<MigMode> modes, String reason) {}

    /** A reason that can be withdrawn. */
    public interface Registration {
        /** Withdraws it; harmless when done before. */
        void remove();
    }

    private final VirtualMachine machine;
    private final List<Blocker> added = new ArrayList<>();
    private final List<String> unmigratable = new ArrayList<>();

    MigrationBlockers(VirtualMachine machine) {
        this.machine = machine;
    }

    /** Adds a reason for some modes; the newest is reported first. */
    public Registration add(Set<MigMode> modes, String reason) {
        Blocker blocker = new Blocker(EnumSet.copyOf(modes), reason);
        added.addFirst(blocker);
        return () -> added.removeIf(b -> b == blocker);
    }

    /** Notes a device that has no state to travel: no mode can move the machine. */
    public Registration addUnmigratable(String device) {
        unmigratable.add(device);
        return () -> unmigratable.remove(device);
    }

    /** The error of {@code migrate} in that mode; empty if nothing stands in the way. */
    String refusal(MigMode mode) {
        if (!unmigratable.isEmpty()) {
            return "State blocked by non-migratable device '" + unmigratable.getFirst() + "'";
        }
        List<String> reasons = reasons(mode);
        return reasons.isEmpty() ? "" : reasons.getFirst();
    }

    /** What {@code query-migrate} lists as {@code blocked-reasons}. */
    List<String> list(MigMode mode) {
        List<String> all = new ArrayList<>();
        for (String device : unmigratable) {
            all.add("non-migratable device: " + device);
        }
        all.addAll(reasons(mode));
        return all;
    }

    private List<String> reasons(MigMode mode) {
        List<String> reasons = new ArrayList<>();
        for (Blocker blocker : added) {
            if (blocker.modes().contains(mode)) {
                reasons.add(blocker.reason());
            }
        }
        // QEMU checks this for cpr-transfer only, and in cpr-exec loses such memory without a word.
        if (mode == MigMode.CPR_TRANSFER || mode == MigMode.CPR_EXEC) {
            for (RamBlock block : machine.ramBlocks()) {
                if (!block.survivesCpr()) {
                    reasons.add("Memory region " + block.idstr()
                            + " is not compatible with CPR. share=on is required for memory-backend objects, and"
                            + " aux-ram-share=on is required.");
                }
            }
        }
        return reasons;
    }
}
