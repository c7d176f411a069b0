package dev.cprkit.vmm.migration;

import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.state.Section;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What keeps this machine from migrating, for each mode (reference/qemu-cpr.md, sections 1.7, 4.6 and 6.1): RAM that would
 * be lost, devices without state, and reasons that others add. Main loop's thread.
 */
public final class MigrationBlockers {
    private record Blocker(Set<MigMode> modes, String reason) {}

    /** A reason that can be withdrawn. */
    public interface Registration {
        /** Withdraws it; harmless when done before. */
        void remove();
    }

    /** Nothing may keep this machine from migrating, or not now; the message is QEMU's, for the user. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message, null, false, false);
        }
    }

    private final VirtualMachine machine;
    private final BooleanSupplier migrating;
    private final List<Blocker> added = new ArrayList<>();
    private final List<String> unmigratable = new ArrayList<>();
    private boolean onlyMigratable;

    /**
     * No reason but RAM that would be lost.
     *
     * @param migrating whether a migration out of this process goes on
     */
    MigrationBlockers(VirtualMachine machine, BooleanSupplier migrating) {
        this.machine = machine;
        this.migrating = migrating;
    }

    /** {@code -only-migratable}: from here on, what would keep the machine from migrating in mode normal is refused. */
    public void onlyMigratable() {
        onlyMigratable = true;
    }

    /** Whether {@link #onlyMigratable} holds. */
    public boolean isOnlyMigratable() {
        return onlyMigratable;
    }

    /**
     * Adds a reason for some modes; {@code migrate} reports the newest.
     *
     * @throws Refused while a migration goes on, or if the modes include normal and the machine must be migratable
     */
    public Registration add(Set<MigMode> modes, String reason) throws Refused {
        if (onlyMigratable && modes.contains(MigMode.NORMAL)) {
            throw new Refused("disallowing migration blocker (--only-migratable) for: " + reason);
        }
        return addInternal(modes, reason);
    }

    /**
     * Adds a reason that will pass by itself, such as a dump that is being written: {@code -only-migratable} lets it.
     *
     * @throws Refused while a migration goes on
     */
    public Registration addInternal(Set<MigMode> modes, String reason) throws Refused {
        if (migrating.getAsBoolean() || machine.runState() == RunState.SAVE_VM) {
            throw new Refused("disallowing migration blocker (migration/snapshot in progress) for: " + reason);
        }
        Blocker blocker = new Blocker(EnumSet.copyOf(modes), reason);
        added.add(blocker);
        return () -> added.removeIf(b -> b == blocker);
    }

    /**
     * Notes a device that has no state to travel: no mode can move the machine while it is there.
     *
     * @throws Refused if the machine must be migratable
     */
    public Registration addUnmigratable(String device) throws Refused {
        if (onlyMigratable) {
            throw new Refused("Device " + device + " is not migratable, but --only-migratable was specified");
        }
        unmigratable.add(device);
        return () -> unmigratable.remove(device);
    }

    /** The error of {@code migrate} in that mode; empty if nothing stands in the way. */
    String refusal(MigMode mode) {
        List<String> devices = immovable();
        if (!devices.isEmpty()) {
            return "State blocked by non-migratable device '" + devices.getFirst() + "'";
        }
        List<String> reasons = reasons(mode);
        return reasons.isEmpty() ? "" : reasons.getLast();
    }

    /** What {@code query-migrate} lists as {@code blocked-reasons}, oldest first. */
    List<String> list(MigMode mode) {
        List<String> all = new ArrayList<>();
        for (String device : immovable()) {
            all.add("non-migratable device: " + device);
        }
        all.addAll(reasons(mode));
        return all;
    }

    /** The devices that were noted, and those whose state is declared as one that cannot travel. */
    private List<String> immovable() {
        List<String> devices = new ArrayList<>(unmigratable);
        for (Section<?> section : machine.sections()) {
            if (!section.type().migratable()) {
                devices.add(section.idstr());
            }
        }
        return devices;
    }

    private List<String> reasons(MigMode mode) {
        List<String> reasons = new ArrayList<>();
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
        for (Blocker blocker : added) {
            if (blocker.modes().contains(mode)) {
                reasons.add(blocker.reason());
            }
        }
        return reasons;
    }
}
