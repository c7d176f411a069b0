package dev.cprkit.vmm.cpu.riscv.sbi;

import dev.cprkit.vmm.cpu.riscv.RiscvHart;

/** One extension of the SBI. Called on the vCPU's thread, without the machine lock. */
interface SbiExtension {
    /** The number that a7 holds for it. */
    int id();

    /** Answers function {@code function} (a6), whose arguments are in a0 to a5 of the hart. */
    SbiResult call(RiscvHart hart, long function);

    /** Argument {@code number} (0 to 5) of the call. */
    static long argument(RiscvHart hart, int number) {
        return hart.x(10 + number);
    }
}
