package dev.cprkit.vmm.cpu.riscv.sbi;

import dev.cprkit.vmm.cpu.riscv.Csr;
import dev.cprkit.vmm.cpu.riscv.RiscvHart;
import java.util.function.LongPredicate;

/** Base: versions, and which extensions there are (SBI 2.0, chapter 4). */
record BaseExtension(LongPredicate present) implements SbiExtension {
    private static final long VERSION = 2L << 24;
    /** Not a registered number; spells "cprk". */
    private static final long IMPLEMENTATION = 0x6370726b;

    private static final long IMPLEMENTATION_VERSION = 1;

    @Override
    public int id() {
        return 0x10;
    }

    @Override
    public SbiResult call(RiscvHart hart, long function) {
        if (function < 0 || function > 6) {
            return SbiResult.NOT_SUPPORTED;
        }
        return SbiResult.of(
                switch ((int) function) {
                    case 0 -> VERSION;
                    case 1 -> IMPLEMENTATION;
                    case 2 -> IMPLEMENTATION_VERSION;
                    case 3 -> present.test(SbiExtension.argument(hart, 0)) ? 1 : 0;
                    case 4 -> hart.csr(Csr.MVENDORID);
                    case 5 -> hart.csr(Csr.MARCHID);
                    default -> hart.csr(Csr.MIMPID);
                });
    }
}
