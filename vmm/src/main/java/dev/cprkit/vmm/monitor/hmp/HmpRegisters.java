package dev.cprkit.vmm.monitor.hmp;

import java.util.OptionalLong;

/** The registers that expressions name. Main loop's thread, machine lock held. */
@FunctionalInterface
public interface HmpRegisters {
    /** The value of the register of that name, without its {@code $}; empty if there is none. */
    OptionalLong value(String name);
}
