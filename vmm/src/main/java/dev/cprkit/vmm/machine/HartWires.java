package dev.cprkit.vmm.machine;

import dev.cprkit.vmm.cpu.riscv.RiscvHart;
import dev.cprkit.vmm.device.IrqLine;

/** The wires into a hart, for devices that are made before it. Used with the machine lock held. */
final class HartWires {
    private RiscvHart hart;

    /** The wire of that bit of mip. */
    IrqLine line(int interrupt) {
        return level -> {
            if (hart != null) {
                hart.setInterrupt(interrupt, level);
            }
        };
    }

    void connect(RiscvHart to) {
        hart = to;
    }
}
