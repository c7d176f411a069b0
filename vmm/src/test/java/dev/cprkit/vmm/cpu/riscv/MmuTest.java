package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sv39 and Sv48: translation, protection, accessed and dirty bits, faults and their addresses. */
class MmuTest {
    private static final long DATA = TestHart.RAM + 0x10000;
    private static final long VA = 0x4000_0000L;
    private static final int LOAD = Asm.load(3, 6, 5, 0);
    private static final int STORE = Asm.store(3, 7, 5, 0);

    private TestHart test;
    private PageTables tables;

    @BeforeEach
    void start() {
        test = new TestHart().openPmp();
        test.hart.setCsr(Csr.MEDELEG, 0);
        tables = new PageTables(test, 3);
        test.u64(DATA, 0x1122334455667788L);
        test.hart.setX(7, 99);
    }

    @AfterEach
    void end() {
        test.close();
    }

    /** Executes one instruction from a mode with an address in x5. */
    private void access(int mode, int insn, long va) {
        test.put(TestHart.RAM, insn, Asm.SPIN);
        test.hart.setCsr(Csr.MCAUSE, 0);
        test.hart.setX(6, 0);
        test.hart.setX(5, va);
        test.hart.setMode(mode);
        test.step(TestHart.RAM);
    }

    private void faults(int mode, int insn, long va, int cause) {
        access(mode, insn, va);
        assertThat(test.cause()).isEqualTo(cause);
        assertThat(test.hart.csr(Csr.MTVAL)).isEqualTo(va);
        assertThat(test.hart.csr(Csr.MEPC)).isEqualTo(TestHart.RAM);
        assertThat(test.hart.mode()).isEqualTo(RiscvHart.MACHINE);
    }

    private void reads(int mode, long va, long value) {
        access(mode, LOAD, va);
        assertThat(test.hart.x(6)).isEqualTo(value);
        assertThat(test.cause()).isZero();
    }

    @Test
    void translatesPagesOfAllSizes() {
        tables.map(VA, DATA, PageTables.RWX, 0);
        reads(RiscvHart.SUPERVISOR, VA, 0x1122334455667788L);
        tables.map(0x8000_0000_0L, TestHart.RAM, PageTables.RWX, 1);
        reads(RiscvHart.SUPERVISOR, 0x8000_0000_0L + 0x10000, 0x1122334455667788L);
        tables.map(-1L << 38, TestHart.RAM & -1L << 30, PageTables.RWX, 2);
        reads(RiscvHart.SUPERVISOR, (-1L << 38) + 0x10000, 0x1122334455667788L);
    }

    @Test
    void translatesFourLevels() {
        tables = new PageTables(test, 4);
        tables.map(0x7000_0000_0000L, DATA, PageTables.RWX, 0);
        reads(RiscvHart.SUPERVISOR, 0x7000_0000_0000L, 0x1122334455667788L);
    }

    @Test
    void faultsWhereNothingIsMapped() {
        faults(RiscvHart.SUPERVISOR, LOAD, VA, Cause.LOAD_PAGE);
        faults(RiscvHart.SUPERVISOR, STORE, VA + 8, Cause.STORE_PAGE);
        faults(RiscvHart.SUPERVISOR, Asm.amo(AtomicOps.ADD, 3, 6, 7, 5), VA, Cause.STORE_PAGE);
        faults(RiscvHart.SUPERVISOR, Asm.amo(AtomicOps.LR, 3, 6, 0, 5), VA, Cause.LOAD_PAGE);
        // Bits 63 to 39 must equal bit 38.
        faults(RiscvHart.SUPERVISOR, LOAD, 1L << 38, Cause.LOAD_PAGE);
        // The address must lie in memory.
        tables.map(VA, 0x5000_0000L, PageTables.RWX, 0);
        faults(RiscvHart.SUPERVISOR, LOAD, VA, Cause.LOAD_ACCESS);
    }

    @Test
    void refusesReservedEntries() {
        long[] reserved = {
            PageTables.V | PageTables.W | PageTables.A | PageTables.D, // W without R
            PageTables.RWX | 1L << 61, // Svpbmt
            PageTables.RWX | 1L << 63, // Svnapot
            PageTables.RWX | 1L << 54,
            PageTables.V, // a pointer at the last level
        };
        for (long bits : reserved) {
            tables.map(VA, DATA, bits, 0);
            test.hart.flushTlb();
            faults(RiscvHart.SUPERVISOR, LOAD, VA, Cause.LOAD_PAGE);
        }
        // a 2 MiB page that is not aligned
        tables.map(0x8000_0000_0L, TestHart.RAM + 0x1000, PageTables.RWX, 1);
        faults(RiscvHart.SUPERVISOR, LOAD, 0x8000_0000_0L, Cause.LOAD_PAGE);
    }

    @Test
    void permissionsHoldForEachMode() {
        long readOnly = PageTables.V | PageTables.R | PageTables.A | PageTables.D;
        tables.map(VA, DATA, readOnly, 0);
        faults(RiscvHart.SUPERVISOR, STORE, VA, Cause.STORE_PAGE);
        test.hart.setMode(RiscvHart.SUPERVISOR);
        test.step(VA);
        assertThat(test.cause()).isEqualTo(Cause.INSTRUCTION_PAGE);
        assertThat(test.hart.csr(Csr.MTVAL)).isEqualTo(VA);

        tables.map(VA + 0x1000, DATA, readOnly | PageTables.U, 0);
        faults(RiscvHart.SUPERVISOR, LOAD, VA + 0x1000, Cause.LOAD_PAGE);
        test.hart.setCsr(Csr.MSTATUS, test.hart.csr(Csr.MSTATUS) | Status.SUM);
        reads(RiscvHart.SUPERVISOR, VA + 0x1000, 0x1122334455667788L);
        test.hart.setCsr(Csr.MSTATUS, test.hart.csr(Csr.MSTATUS) & ~Status.SUM);
        faults(RiscvHart.SUPERVISOR, LOAD, VA + 0x1000, Cause.LOAD_PAGE);

        tables.map(TestHart.RAM, TestHart.RAM, PageTables.RWX | PageTables.U, 0);
        test.hart.flushTlb();
        reads(RiscvHart.USER, VA + 0x1000, 0x1122334455667788L);
        faults(RiscvHart.USER, LOAD, VA, Cause.LOAD_PAGE);
        // S mode never executes a page of U mode.
        test.hart.setMode(RiscvHart.SUPERVISOR);
        test.step(TestHart.RAM);
        assertThat(test.cause()).isEqualTo(Cause.INSTRUCTION_PAGE);
    }

    @Test
    void executablePagesAreReadableWithMxr() {
        tables.map(VA, DATA, PageTables.V | PageTables.X | PageTables.A, 0);
        faults(RiscvHart.SUPERVISOR, LOAD, VA, Cause.LOAD_PAGE);
        test.hart.setCsr(Csr.MSTATUS, test.hart.csr(Csr.MSTATUS) | Status.MXR);
        reads(RiscvHart.SUPERVISOR, VA, 0x1122334455667788L);
    }

    @Test
    void machineModeTranslatesOnlyWithMprv() {
        tables.map(VA, DATA, PageTables.RWX, 0);
        faults(RiscvHart.MACHINE, LOAD, VA, Cause.LOAD_ACCESS);
        test.hart.setCsr(Csr.MSTATUS, 0x6000 | Status.MPRV | 1L << Status.MPP_SHIFT);
        reads(RiscvHart.MACHINE, VA, 0x1122334455667788L);
    }

    @Test
    void hardwareSetsAccessedAndDirty() {
        long entry = tables.map(VA, DATA, PageTables.V | PageTables.R | PageTables.W, 0);
        reads(RiscvHart.SUPERVISOR, VA, 0x1122334455667788L);
        assertThat(test.u64(entry) & (PageTables.A | PageTables.D)).isEqualTo(PageTables.A);
        access(RiscvHart.SUPERVISOR, STORE, VA);
        assertThat(test.u64(DATA)).isEqualTo(99);
        assertThat(test.u64(entry) & (PageTables.A | PageTables.D)).isEqualTo(PageTables.A | PageTables.D);
    }

    @Test
    void withoutAdueTheirAbsenceFaults() {
        test.hart.setCsr(Csr.MENVCFG, 0);
        long entry = tables.map(VA, DATA, PageTables.V | PageTables.R | PageTables.W, 0);
        faults(RiscvHart.SUPERVISOR, LOAD, VA, Cause.LOAD_PAGE);
        test.u64(entry, test.u64(entry) | PageTables.A);
        reads(RiscvHart.SUPERVISOR, VA, 0x1122334455667788L);
        faults(RiscvHart.SUPERVISOR, STORE, VA, Cause.STORE_PAGE);
    }

    @Test
    void anAccessMayCrossPagesThatLieApart() {
        tables.map(VA, DATA, PageTables.RWX, 0);
        tables.map(VA + 0x1000, DATA + 0x5000, PageTables.RWX, 0);
        access(RiscvHart.SUPERVISOR, STORE, VA + 0xffd);
        access(RiscvHart.SUPERVISOR, LOAD, VA + 0xffd);
        assertThat(test.hart.x(6)).isEqualTo(99);
        assertThat(test.u64(DATA + 0xff8) >>> 40).isEqualTo(99);
        assertThat(test.u64(DATA + 0x5000) & 0xffffffffffL).isZero();
    }

    @Test
    void aCrossingAccessFaultsAtTheSecondPageAndWritesNothing() {
        tables.map(VA, DATA, PageTables.RWX, 0);
        test.u64(DATA + 0xff8, 0);
        access(RiscvHart.SUPERVISOR, STORE, VA + 0xffd);
        assertThat(test.cause()).isEqualTo(Cause.STORE_PAGE);
        assertThat(test.hart.csr(Csr.MTVAL)).isEqualTo(VA + 0x1000);
        assertThat(test.u64(DATA + 0xff8)).isZero();
    }

    @Test
    void anInstructionMayLieInTwoPages() {
        tables.map(VA, DATA, PageTables.RWX, 0);
        long second = tables.map(VA + 0x1000, DATA + 0x5000, PageTables.RWX, 0);
        int insn = Asm.addi(6, 0, 0x123);
        test.put(DATA + 0xffc, Asm.NOP & 0xffff | insn << 16);
        // The second half, and a jump to itself.
        test.put(DATA + 0x5000, insn >>> 16 | Asm.SPIN << 16, Asm.SPIN >>> 16);
        test.hart.setMode(RiscvHart.SUPERVISOR);
        test.step(VA + 0xffe);
        assertThat(test.hart.x(6)).isEqualTo(0x123);
        // Another second half, in another page.
        test.put(DATA + 0x6000, Asm.addi(6, 0, 0x456) >>> 16 | Asm.SPIN << 16, Asm.SPIN >>> 16);
        tables.map(VA + 0x1000, DATA + 0x6000, PageTables.RWX, 0);
        test.hart.flushTlb();
        test.step(VA + 0xffe);
        assertThat(test.hart.x(6)).isEqualTo(0x456);
        // And none at all: the fault is at the second half, the instruction at the first.
        test.u64(second, 0);
        test.hart.flushTlb();
        test.step(VA + 0xffe);
        assertThat(test.cause()).isEqualTo(Cause.INSTRUCTION_PAGE);
        assertThat(test.hart.csr(Csr.MTVAL)).isEqualTo(VA + 0x1000);
        assertThat(test.hart.csr(Csr.MEPC)).isEqualTo(VA + 0xffe);
    }

    @Test
    void sfenceForgetsOnePage() {
        long entry = tables.map(VA, DATA, PageTables.RWX, 0);
        reads(RiscvHart.SUPERVISOR, VA, 0x1122334455667788L);
        test.u64(DATA + 0x1000, 5);
        test.u64(entry, DATA + 0x1000 >>> 12 << 10 | PageTables.RWX);
        access(RiscvHart.SUPERVISOR, Asm.SFENCE_VMA | 5 << 15, VA);
        reads(RiscvHart.SUPERVISOR, VA, 5);
    }

    @Test
    void devicesAnswerAlignedAccessesUnderTheLock() {
        reads(RiscvHart.MACHINE, TestHart.DEVICE, 0x55);
        access(RiscvHart.MACHINE, STORE, TestHart.DEVICE + 8);
        assertThat(test.deviceWrites).containsExactly(99L);
        faults(RiscvHart.MACHINE, LOAD, TestHart.DEVICE + 1, Cause.LOAD_ACCESS);
        faults(RiscvHart.MACHINE, LOAD, 0, Cause.LOAD_ACCESS);
        faults(RiscvHart.MACHINE, STORE, 0, Cause.STORE_ACCESS);
    }

    @Test
    void misalignedAccessesWorkInsideAPage() {
        for (int shift = 1; shift < 8; shift++) {
            access(RiscvHart.MACHINE, STORE, DATA + shift);
            access(RiscvHart.MACHINE, LOAD, DATA + shift);
            assertThat(test.hart.x(6)).isEqualTo(99);
        }
        faults(RiscvHart.MACHINE, Asm.amo(AtomicOps.ADD, 3, 6, 7, 5), DATA + 4, Cause.STORE_MISALIGNED);
        faults(RiscvHart.MACHINE, Asm.amo(AtomicOps.LR, 2, 6, 0, 5), DATA + 2, Cause.LOAD_MISALIGNED);
    }
}
