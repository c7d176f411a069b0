package dev.cprkit.vmm.machine.config;

import java.util.Optional;

/** An extension of the hart beyond RV64GC that {@code -cpu rv64,NAME=off} can switch off. All are on by default. */
public enum CpuExtension {
    /** Address generation: sh1add and its kin. */
    ZBA("zba"),
    /** Basic bit manipulation. */
    ZBB("zbb"),
    /** Single-bit instructions. */
    ZBS("zbs"),
    /** The supervisor's own timer, stimecmp. */
    SSTC("sstc"),
    /** Hardware updates of the accessed and dirty bits. */
    SVADU("svadu");

    private final String propertyName;

    CpuExtension(String propertyName) {
        this.propertyName = propertyName;
    }

    /** Its name as a property of the CPU and in the device tree's list of extensions. */
    public String propertyName() {
        return propertyName;
    }

    /** The extension with that property name, if there is one. */
    public static Optional<CpuExtension> of(String propertyName) {
        for (CpuExtension extension : values()) {
            if (extension.propertyName.equals(propertyName)) {
                return Optional.of(extension);
            }
        }
        return Optional.empty();
    }
}
