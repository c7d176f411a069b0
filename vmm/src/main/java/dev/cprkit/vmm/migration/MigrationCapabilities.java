package dev.cprkit.vmm.migration;

import static dev.cprkit.vmm.migration.MigrationCapability.MAPPED_RAM;

import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Which capabilities are on (reference/qemu-cpr.md, section 1.2). Whatever is set, the resulting set has no two that
 * conflict, and none that this program does not have. Main loop's thread.
 */
public final class MigrationCapabilities {
    private final MigrationParameters parameters;
    private Set<MigrationCapability> on = EnumSet.noneOf(MigrationCapability.class);

    /** All off, beside parameters that are at their defaults. */
    public MigrationCapabilities() {
        this(new MigrationParameters());
    }

    /** All off. From here on those parameters are held to what the capabilities allow. */
    public MigrationCapabilities(MigrationParameters parameters) {
        this.parameters = parameters;
        parameters.require(this::checkParameters);
    }

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

    /** Switches one without any check: {@link #checkAll} follows when all are as they should be. */
    void preset(MigrationCapability capability, boolean state) {
        if (state) {
            on.add(capability);
        } else {
            on.remove(capability);
        }
    }

    /** Checks what {@link #preset} switched. */
    void checkAll() throws QmpError {
        check(on);
    }

    private void check(Set<MigrationCapability> next) throws QmpError {
        CapabilityChecks.check(next, parameters);
        boolean cpr = parameters.mode() != MigMode.NORMAL;
        for (MigrationCapability capability : next) {
            if (cpr && !capability.conflictWithCpr().isEmpty()) {
                throw QmpError.generic(capability.conflictWithCpr());
            }
            if (!capability.lack().isEmpty()) {
                throw QmpError.generic(capability.lack());
            }
        }
    }

    private void checkParameters(MigrationParameters next) throws QmpError {
        if (has(MAPPED_RAM) && CapabilityChecks.compressedOrEncrypted(next)) {
            throw QmpError.generic("Mapped-ram only available for non-compressed non-TLS multifd migration");
        }
    }

    /** Refuses at {@code migrate} what QEMU lets be set but not used together. */
    void checkMappedRam() throws QmpError {
        if (has(MAPPED_RAM) && !parameters.text(MigrationParameter.TLS_CREDS).isEmpty()) {
            throw QmpError.generic("Cannot use TLS with mapped-ram");
        }
        if (has(MAPPED_RAM) && CapabilityChecks.compressedOrEncrypted(parameters)) {
            throw QmpError.generic("Cannot use compression with mapped-ram");
        }
    }
}
