package dev.cprkit.vmm.machine;

import dev.cprkit.vmm.cpu.Vcpu;
import dev.cprkit.vmm.device.Device;
import dev.cprkit.vmm.device.syscon.PowerControl;
import dev.cprkit.vmm.machine.boot.BootException;
import dev.cprkit.vmm.memory.DirtyLog;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.state.Section;
import java.util.List;

/** One machine type, laid out: its vCPU, its devices and its memory. Called with the machine lock held. */
public interface Board {
    /** The versioned name of the machine type. */
    String machineType();

    /** The one vCPU. */
    Vcpu vcpu();

    /** Sets what is called, by any thread, when a vCPU that waits may have something to do. Called once. */
    void onWake(Runnable wake);

    /** What of the vCPU travels. */
    List<Section<?>> vcpuSections();

    /** Every device, in the order in which their state travels. */
    List<Device> devices();

    /** Every migratable RAM block, in order of creation. */
    List<RamBlock> ramBlocks();

    /** Where one of {@link #ramBlocks} begins in the physical address space. */
    long guestAddress(RamBlock block);

    /** Which pages of RAM are written. */
    DirtyLog dirtyLog();

    /** Makes input from the host wait, or take its way again: while a guest is still coming in, nobody could take it. */
    void holdInput(boolean hold);

    /**
     * Resets the vCPU and, if {@code load}, writes firmware, kernel, initrd and device tree into guest memory. Without
     * it, guest memory is not touched: it belongs to another process.
     *
     * @throws BootException if what the guest boots from does not fit into RAM or cannot be read any more
     */
    void resetVcpu(boolean load) throws BootException;

    /** Whether the guest can put the machine to sleep in a way that it can be woken from. */
    boolean canSuspend();

    /** Whether an interrupt that would wake a sleeping machine is pending now. */
    boolean wakePending();

    /** Makes the vCPU of a sleeping machine ready to go on where the guest wants it to. It stands still. */
    void wakeVcpu();

    /** Gives the guest's power and reset switches someone to tell. Called once, before the vCPU runs. */
    void power(PowerControl power);
}
