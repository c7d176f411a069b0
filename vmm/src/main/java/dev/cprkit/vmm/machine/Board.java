package dev.cprkit.vmm.machine;

import dev.cprkit.vmm.cpu.Vcpu;
import dev.cprkit.vmm.device.Device;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.state.Section;
import java.util.List;

/** One machine type, laid out: its vCPU, its devices and its memory. Called with the machine lock held. */
public interface Board {
    /** The versioned name of the machine type. */
    String machineType();

    /** The one vCPU. */
    Vcpu vcpu();

    /** What of the vCPU travels. */
    List<Section<?>> vcpuSections();

    /** Every device, in the order in which their state travels. */
    List<Device> devices();

    /** Every migratable RAM block, in order of creation. */
    List<RamBlock> ramBlocks();

    /**
     * Resets the vCPU and, if {@code load}, writes firmware, kernel, initrd and device tree into guest memory. Without
     * it, guest memory is not touched: it belongs to another process.
     */
    void resetVcpu(boolean load);

    /** Gives the guest's power and reset switches someone to tell. Called once, before the vCPU runs. */
    void power(Power power);

    /** What the guest's switches do. Called on the vCPU's thread with the machine lock held. */
    interface Power {
        /** The guest switched itself off, with an exit status for the process; {@code failure} if it reported one. */
        void off(int status, boolean failure);

        /** The guest asked for a reset. */
        void reset();
    }
}
