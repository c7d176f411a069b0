package dev.cprkit.vmm.cpu.riscv.sbi;

import dev.cprkit.vmm.cpu.riscv.RiscvHart;

/** Which harts a call means (SBI 2.0, section 3.1), for a machine with one hart. */
enum HartMask {
    NONE,
    THIS,
    /** A hart that the machine does not have. */
    INVALID;

    /** From {@code hart_mask} and {@code hart_mask_base}; a base of -1 means all harts. */
    static HartMask of(RiscvHart hart, long mask, long base) {
        if (base == -1) {
            return THIS;
        }
        if (mask == 0) {
            return NONE;
        }
        long bit = hart.id() - base;
        return bit >= 0 && bit < 64 && mask == 1L << bit ? THIS : INVALID;
    }
}
