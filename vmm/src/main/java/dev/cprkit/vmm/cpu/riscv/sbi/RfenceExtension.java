package dev.cprkit.vmm.cpu.riscv.sbi;

import dev.cprkit.vmm.cpu.riscv.RiscvHart;

/** Remote fences: FENCE.I and SFENCE.VMA on each hart of a mask (SBI 2.0, chapter 8). There is no H extension. */
record RfenceExtension() implements SbiExtension {
    private static final long FENCE_I = 0;
    private static final long SFENCE_VMA_ASID = 2;

    @Override
    public int id() {
        return 0x52464e43;
    }

    @Override
    public SbiResult call(RiscvHart hart, long function) {
        if (function < FENCE_I || function > SFENCE_VMA_ASID) {
            return SbiResult.NOT_SUPPORTED;
        }
        return switch (HartMask.of(hart, SbiExtension.argument(hart, 0), SbiExtension.argument(hart, 1))) {
            case INVALID -> SbiResult.INVALID_PARAMETER;
            case NONE -> SbiResult.SUCCESS;
            case THIS -> {
                // Stores drop decoded code at once, so that FENCE.I has nothing to do.
                if (function != FENCE_I) {
                    hart.flushTlb();
                }
                yield SbiResult.SUCCESS;
            }
        };
    }
}
