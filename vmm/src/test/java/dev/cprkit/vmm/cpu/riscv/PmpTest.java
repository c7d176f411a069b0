package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Physical memory protection: matching, priority, locking, and its effect on accesses. */
class PmpTest {
    private static final int R = Pmp.READ;
    private static final int W = Pmp.WRITE;
    private static final int X = Pmp.EXECUTE;
    private static final int TOR = 0x08;
    private static final int NA4 = 0x10;
    private static final int NAPOT = 0x18;
    private static final int LOCKED = 0x80;

    private final Pmp pmp = new Pmp();

    @Test
    void withoutEntriesOnlyMachineModePasses() {
        assertThat(pmp.allows(0x1000, 8, R, RiscvHart.MACHINE)).isTrue();
        assertThat(pmp.allows(0x1000, 8, R, RiscvHart.SUPERVISOR)).isFalse();
    }

    @Test
    void rangesMatchAsTheManualSays() {
        pmp.setAddress(0, 0x1000 >> 2);
        pmp.setAddress(1, 0x2000 >> 2);
        pmp.setAddress(2, 0x3000 >> 2);
        pmp.setAddress(3, 0x4000 >> 2 | 0x1ff); // 4 KiB
        pmp.setConfiguration(0, (TOR | R) << 8 | (NA4 | R | W) << 16 | (long) (NAPOT | X) << 24);
        assertThat(pmp.allows(0xfff, 1, R, RiscvHart.USER)).isFalse();
        assertThat(pmp.allows(0x1000, 8, R, RiscvHart.USER)).isTrue();
        assertThat(pmp.allows(0x1ff8, 8, R, RiscvHart.USER)).isTrue();
        assertThat(pmp.allows(0x1ffc, 8, R, RiscvHart.USER)).isFalse();
        assertThat(pmp.allows(0x1000, 8, W, RiscvHart.USER)).isFalse();
        assertThat(pmp.allows(0x3000, 4, W, RiscvHart.USER)).isTrue();
        assertThat(pmp.allows(0x3000, 8, W, RiscvHart.USER)).isFalse();
        assertThat(pmp.allows(0x4ffc, 4, X, RiscvHart.USER)).isTrue();
        assertThat(pmp.allows(0x5000, 4, X, RiscvHart.USER)).isFalse();
        assertThat(pmp.uniform(0x1000)).isTrue();
        assertThat(pmp.uniform(0x3000)).isFalse();
    }

    @Test
    void theLowestMatchingEntryDecides() {
        pmp.setAddress(0, 0x1000 >> 2 | 0x1ff);
        pmp.setAddress(1, -1);
        pmp.setConfiguration(0, NAPOT | (NAPOT | R | W | X) << 8);
        assertThat(pmp.allows(0x1000, 4, R, RiscvHart.SUPERVISOR)).isFalse();
        assertThat(pmp.allows(0x2000, 4, R, RiscvHart.SUPERVISOR)).isTrue();
        assertThat(pmp.allows(0x1000, 4, R, RiscvHart.MACHINE)).isTrue();
    }

    @Test
    void lockedEntriesBindMachineModeAndKeepTheirValue() {
        pmp.setAddress(0, 0x1000 >> 2);
        pmp.setAddress(1, 0x2000 >> 2);
        pmp.setConfiguration(0, (TOR | LOCKED | R) << 8);
        assertThat(pmp.allows(0x1000, 4, W, RiscvHart.MACHINE)).isFalse();
        pmp.setConfiguration(0, 0);
        pmp.setAddress(1, 0);
        pmp.setAddress(0, 0);
        assertThat(pmp.configuration(0)).isEqualTo((TOR | LOCKED | R) << 8);
        assertThat(pmp.address(0)).isEqualTo(0x1000 >> 2);
        assertThat(pmp.address(1)).isEqualTo(0x2000 >> 2);
    }

    @Test
    void reservedValuesAreNotKept() {
        pmp.setConfiguration(0, W | 0x60);
        assertThat(pmp.configuration(0)).isZero();
        pmp.setAddress(15, -1);
        assertThat(pmp.address(15)).isEqualTo((1L << 54) - 1);
    }

    @Test
    void accessesFaultAtTheProtectedBytes() {
        try (TestHart test = new TestHart()) {
            long secret = TestHart.RAM + 0x20010;
            test.hart.setCsr(Csr.PMPADDR0, secret >> 2);
            test.hart.setCsr(Csr.PMPADDR0 + 1, -1);
            test.hart.setCsr(Csr.PMPCFG0, NA4 | (NAPOT | R | W | X) << 8);
            test.hart.setMode(RiscvHart.SUPERVISOR);
            test.hart.setX(5, secret);
            test.put(TestHart.RAM, Asm.load(2, 6, 5, 4), Asm.SPIN, Asm.load(2, 6, 5, 0), Asm.SPIN);
            test.step(TestHart.RAM);
            assertThat(test.cause()).isZero();
            test.step(TestHart.RAM + 8);
            assertThat(test.cause()).isEqualTo(Cause.LOAD_ACCESS);
            assertThat(test.hart.csr(Csr.MTVAL)).isEqualTo(secret);
            test.hart.setMode(RiscvHart.SUPERVISOR);
            test.step(secret);
            assertThat(test.cause()).isEqualTo(Cause.INSTRUCTION_ACCESS);
            // M mode with MPRV is held to the entries of the mode that it borrows.
            test.hart.setCsr(Csr.MCAUSE, 0);
            test.hart.setCsr(Csr.MSTATUS, Status.MPRV | 1L << Status.MPP_SHIFT);
            test.step(TestHart.RAM + 8);
            assertThat(test.cause()).isEqualTo(Cause.LOAD_ACCESS);
        }
    }
}
