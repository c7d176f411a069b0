package dev.cprkit.vmm.cpu.riscv.sbi;

import dev.cprkit.vmm.cpu.riscv.Csr;
import dev.cprkit.vmm.cpu.riscv.RiscvHart;

/** Timer: sets the time of the next supervisor timer interrupt (SBI 2.0, chapter 6), through stimecmp. */
record TimeExtension() implements SbiExtension {
    @Override
    public int id() {
        return 0x54494d45;
    }

    @Override
    public SbiResult call(RiscvHart hart, long function) {
        if (function != 0) {
            return SbiResult.NOT_SUPPORTED;
        }
        hart.setCsr(Csr.STIMECMP, SbiExtension.argument(hart, 0));
        return SbiResult.SUCCESS;
    }
}
