package dev.cprkit.vmm.monitor.qtest;

import dev.cprkit.vmm.device.IrqWires;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.run.VmClock;
import java.util.Optional;

/**
 * What of a machine a test can reach.
 *
 * @param memory RAM and registers
 * @param clock the virtual clock, which the test moves if it is moved by hand
 * @param devices the devices, by the paths of the object tree
 */
public record QtestBoard(GuestMemory memory, VmClock clock, Devices devices) {
    /** Finds devices. */
    public interface Devices {
        /** Whether there is a device of that path. */
        boolean exists(String path);

        /** Its wires, if it is an interrupt controller. */
        Optional<IrqWires> wires(String path);
    }
}
