package dev.cprkit.vmm.cpu.riscv.sbi;

import dev.cprkit.vmm.cpu.riscv.RiscvHart;

/** Inter-processor interrupts: a supervisor software interrupt to each hart of a mask (SBI 2.0, chapter 7). */
record IpiExtension() implements SbiExtension {
    @Override
    public int id() {
        return 0x735049;
    }

    @Override
    public SbiResult call(RiscvHart hart, long function) {
        if (function != 0) {
            return SbiResult.NOT_SUPPORTED;
        }
        return switch (HartMask.of(hart, SbiExtension.argument(hart, 0), SbiExtension.argument(hart, 1))) {
            case INVALID -> SbiResult.INVALID_PARAMETER;
            case NONE -> SbiResult.SUCCESS;
            case THIS -> {
                hart.setSoftwareInterrupt(true);
                yield SbiResult.SUCCESS;
            }
        };
    }
}
