package dev.cprkit.vmm.cpu.riscv.sbi;

import dev.cprkit.vmm.cpu.riscv.Csr;
import dev.cprkit.vmm.cpu.riscv.RiscvHart;
import dev.cprkit.vmm.memory.GuestMemory;

/** Hart state management (SBI 2.0, chapter 9), for a machine with one hart, which is always started. */
record HsmExtension(GuestMemory memory) implements SbiExtension {
    private static final long STARTED = 0;
    private static final int RETENTIVE = 0;
    private static final int NON_RETENTIVE = 0x80000000;
    private static final long SSTATUS_SIE = 2;

    @Override
    public int id() {
        return 0x48534d;
    }

    @Override
    public SbiResult call(RiscvHart hart, long function) {
        if (function < 0 || function > 3) {
            return SbiResult.NOT_SUPPORTED;
        }
        return switch ((int) function) {
            case 0 -> known(hart) ? SbiResult.ALREADY_AVAILABLE : SbiResult.INVALID_PARAMETER;
            case 1 -> {
                hart.stopForever();
                yield SbiResult.SUCCESS;
            }
            case 2 -> known(hart) ? SbiResult.of(STARTED) : SbiResult.INVALID_PARAMETER;
            default -> suspend(hart);
        };
    }

    private static boolean known(RiscvHart hart) {
        return SbiExtension.argument(hart, 0) == hart.id();
    }

    private SbiResult suspend(RiscvHart hart) {
        int type = (int) SbiExtension.argument(hart, 0);
        long address = SbiExtension.argument(hart, 1);
        long opaque = SbiExtension.argument(hart, 2);
        switch (type) {
            case RETENTIVE -> {
                hart.waitForInterrupt();
                return SbiResult.SUCCESS;
            }
            case NON_RETENTIVE -> {
                if (memory.hostAddress(address, 2) == 0) {
                    return SbiResult.INVALID_ADDRESS;
                }
                hart.setCsr(Csr.SATP, 0);
                hart.setCsr(Csr.SSTATUS, hart.csr(Csr.SSTATUS) & ~SSTATUS_SIE);
                hart.setPc(address);
                hart.waitForInterrupt();
                // The kernel finds its number in a0 and its word in a1, in place of a result.
                return new SbiResult(hart.id(), opaque);
            }
            default -> {
                return SbiResult.INVALID_PARAMETER;
            }
        }
    }
}
