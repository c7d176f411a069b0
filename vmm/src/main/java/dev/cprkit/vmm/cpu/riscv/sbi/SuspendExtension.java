package dev.cprkit.vmm.cpu.riscv.sbi;

import dev.cprkit.vmm.cpu.riscv.Csr;
import dev.cprkit.vmm.cpu.riscv.RiscvHart;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.run.MachineLock;

/**
 * System suspend: the whole machine sleeps, its memory kept, until it is woken (SBI 2.0, chapter 13). The hart then goes on
 * at the address that the kernel gave, in S mode with paging and interrupts off. There is one hart, so no other can be in
 * the way.
 */
record SuspendExtension(GuestMemory memory, MachineLock lock, SystemReset machine) implements SbiExtension {
    private static final int SUSPEND_TO_RAM = 0;
    private static final long SSTATUS_SIE = 2;

    @Override
    public int id() {
        return 0x53555350;
    }

    @Override
    public SbiResult call(RiscvHart hart, long function) {
        if (function != 0) {
            return SbiResult.NOT_SUPPORTED;
        }
        long address = SbiExtension.argument(hart, 1);
        long opaque = SbiExtension.argument(hart, 2);
        if ((int) SbiExtension.argument(hart, 0) != SUSPEND_TO_RAM) {
            return SbiResult.INVALID_PARAMETER;
        }
        if ((address & 1) != 0 || memory.hostAddress(address, 2) == 0) {
            return SbiResult.INVALID_ADDRESS;
        }
        lock.lock();
        try {
            machine.suspend();
        } finally {
            lock.unlock();
        }
        hart.setCsr(Csr.SATP, 0);
        hart.setCsr(Csr.SSTATUS, hart.csr(Csr.SSTATUS) & ~SSTATUS_SIE);
        hart.setPc(address);
        hart.stopForever();
        // The kernel finds its number in a0 and its word in a1 when it is woken, in place of a result.
        return new SbiResult(hart.id(), opaque);
    }
}
