package dev.cprkit.vmm.machine;

import dev.cprkit.vmm.cpu.riscv.RiscvHart;
import dev.cprkit.vmm.device.plic.Plic;
import dev.cprkit.vmm.machine.boot.BootException;
import dev.cprkit.vmm.machine.boot.BootPlan;
import dev.cprkit.vmm.machine.boot.BootRequest;
import dev.cprkit.vmm.machine.boot.DeviceTreeFile;
import dev.cprkit.vmm.machine.boot.ResetVector;
import dev.cprkit.vmm.machine.config.BootConfig;
import dev.cprkit.vmm.machine.config.CpuConfig;
import dev.cprkit.vmm.machine.config.CpuExtension;
import dev.cprkit.vmm.machine.config.Firmware;
import dev.cprkit.vmm.machine.fdt.BoardNodes;
import dev.cprkit.vmm.machine.fdt.FdtNode;
import dev.cprkit.vmm.machine.fdt.FdtWriter;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.monitor.GuestInspection.LoadedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Fills the board's memory at power-on and at each reset: ROM, firmware, kernel, initrd and a device tree with a new seed.
 * The files are opened, checked and given their places when it is made; guest memory is touched by {@link #load} only.
 */
final class BoardLoader implements AutoCloseable {
    private static final int SEED_BYTES = 32;

    private final BootConfig boot;
    private final String isa;
    private final long ramSize;
    private final boolean watchdog;
    private final RandomGenerator entropy;
    private final BootPlan plan;
    private final Optional<FdtNode> givenTree;

    BoardLoader(BootConfig boot, CpuConfig cpu, long ramSize, boolean watchdog, RandomGenerator entropy)
            throws BootException {
        this.boot = boot;
        this.isa = isa(cpu);
        this.ramSize = ramSize;
        this.watchdog = watchdog;
        this.entropy = entropy;
        this.givenTree = boot.dtb().isPresent()
                ? Optional.of(DeviceTreeFile.read(boot.dtb().get()))
                : Optional.empty();
        this.plan = BootPlan.prepare(
                new BootRequest(boot.firmware(), boot.kernel(), boot.initrd(), VirtBoard.RAM, ramSize));
    }

    /** The flattened device tree as the guest finds it. */
    byte[] deviceTree(Plic plic) {
        byte[] seed = new byte[SEED_BYTES];
        entropy.nextBytes(seed);
        FdtNode root = givenTree.orElseGet(() -> BoardTree.describe(plic, isa, ramSize, watchdog, seed));
        boot.append().ifPresent(arguments -> BoardNodes.bootArguments(root, arguments));
        plan.initrd().ifPresent(place -> BoardNodes.initrd(root, place.start(), place.end()));
        return FdtWriter.flatten(root);
    }

    /** Writes everything and points the hart at it. */
    void load(GuestMemory memory, Plic plic, RiscvHart hart) throws BootException {
        byte[] tree = deviceTree(plic);
        long treeAt = plan.placeDeviceTree(tree.length);
        plan.load(memory);
        memory.write(treeAt, tree, 0, tree.length);
        byte[] vector = ResetVector.bytes(plan.start(), treeAt, plan.kernelEntry());
        memory.write(ResetVector.BASE, vector, 0, vector.length);
        if (boot.firmware() instanceof Firmware.BuiltIn) {
            hart.resetToSupervisor(plan.start());
            hart.setX(11, treeAt);
        }
    }

    /** What {@link #load} writes, by address. */
    List<LoadedImage> images(Plic plic) {
        List<LoadedImage> images = new ArrayList<>();
        int vector = ResetVector.bytes(0, 0, 0).length;
        images.add(new LoadedImage(ResetVector.BASE, vector, true, "mrom.reset"));
        images.addAll(plan.images());
        int tree = deviceTree(plic).length;
        try {
            images.add(new LoadedImage(plan.placeDeviceTree(tree), tree, false, "fdt"));
        } catch (BootException e) {
            // It did not fit, so it was not loaded either.
            return images;
        }
        return images;
    }

    private static String isa(CpuConfig cpu) {
        StringBuilder text = new StringBuilder("rv64imafdc_zicntr_zicsr_zifencei_zihpm");
        for (CpuExtension extension : CpuExtension.values()) {
            if (cpu.extensions().contains(extension)) {
                text.append('_').append(extension.propertyName());
            }
        }
        return text.toString();
    }

    @Override
    public void close() {
        plan.close();
    }
}
