package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What control and status registers keep of what is written to them, and who may use them. */
class CsrTest {
    private TestHart test;
    private RiscvHart hart;

    @BeforeEach
    void start() {
        test = new TestHart().openPmp();
        hart = test.hart;
    }

    @AfterEach
    void end() {
        test.close();
    }

    private void keeps(int csr, long written, long kept) {
        hart.setCsr(csr, written);
        assertThat(Long.toHexString(hart.csr(csr))).as("csr %x", csr).isEqualTo(Long.toHexString(kept));
    }

    private boolean passes(int mode, int insn) {
        test.put(TestHart.RAM, insn, Asm.SPIN);
        hart.setCsr(Csr.MCAUSE, -1);
        hart.setMode(mode);
        test.step(TestHart.RAM);
        return test.cause() == -1;
    }

    @Test
    void writesKeepWhatIsLegal() {
        keeps(Csr.MISA, 0, 0x8000000000141_12fL);
        keeps(Csr.MEPC, -1, -2);
        keeps(Csr.SEPC, 7, 6);
        keeps(Csr.MTVEC, 0x1001, 0x1001);
        keeps(Csr.MTVEC, 0x2002, 0x1001); // a reserved mode
        keeps(Csr.MIDELEG, -1, 0x222);
        keeps(Csr.MEDELEG, -1, 0xb3ff);
        keeps(Csr.MIE, -1, 0xaaa);
        keeps(Csr.MENVCFG, -1, 1L << 63 | 1L << 61 | 1);
        keeps(Csr.SENVCFG, -1, 1);
        keeps(Csr.MCOUNTINHIBIT, -1, 5);
        keeps(Csr.SATP, 5L << 60 | 77, 0); // no such mode: nothing is written
        keeps(Csr.SATP, 8L << 60 | 0xffffL << 44 | 77, 8L << 60 | 77); // no ASIDs
        keeps(Csr.TSELECT, 3, 0);
        keeps(Csr.MHPMEVENT3, 3, 0);
        keeps(Csr.MHPMCOUNTER3, 3, 0);
        keeps(Csr.MVENDORID, 3, 0);
    }

    @Test
    void mstatusKeepsItsRules() {
        hart.setCsr(Csr.MSTATUS, 3L << Status.MPP_SHIFT);
        keeps(Csr.MSTATUS, 2L << Status.MPP_SHIFT, 3L << Status.MPP_SHIFT | Status.UXL_SXL);
        keeps(Csr.MSTATUS, -1, Status.WRITABLE | Status.UXL_SXL | Status.SD);
        keeps(Csr.SSTATUS, 0, 2L << 32);
        assertThat(hart.csr(Csr.MSTATUS) & Status.MPP).isEqualTo(3L << Status.MPP_SHIFT);
    }

    @Test
    void readOnlyAndMissingRegistersAreIllegal() {
        assertThat(passes(RiscvHart.MACHINE, Asm.csrrw(0, Csr.MVENDORID, 5))).isFalse();
        assertThat(passes(RiscvHart.MACHINE, Asm.csrrs(5, Csr.MVENDORID, 0))).isTrue();
        assertThat(passes(RiscvHart.MACHINE, Asm.csrrw(0, Csr.CYCLE, 5))).isFalse();
        assertThat(passes(RiscvHart.MACHINE, Asm.csrrs(5, 0x747, 0))).isFalse(); // mseccfg
        assertThat(passes(RiscvHart.MACHINE, Asm.csrrs(5, 0x3a1, 0))).isFalse(); // pmpcfg1
        assertThat(passes(RiscvHart.MACHINE, Asm.csrrs(5, 0x3c0, 0))).isFalse(); // pmpaddr16
        assertThat(passes(RiscvHart.MACHINE, Asm.csrrs(5, 0x600, 0))).isFalse(); // hstatus
        assertThat(hart.csr(Csr.MTVAL)).isEqualTo(Asm.csrrs(5, 0x600, 0));
    }

    @Test
    void countersAreGuardedByTheEnablesOfBothModes() {
        int read = Asm.csrrs(5, Csr.CYCLE, 0);
        assertThat(passes(RiscvHart.SUPERVISOR, read)).isFalse();
        hart.setCsr(Csr.MCOUNTEREN, 1);
        assertThat(passes(RiscvHart.SUPERVISOR, read)).isTrue();
        assertThat(passes(RiscvHart.USER, read)).isFalse();
        hart.setCsr(Csr.SCOUNTEREN, 1);
        assertThat(passes(RiscvHart.USER, read)).isTrue();
        assertThat(passes(RiscvHart.USER, Asm.csrrs(5, Csr.TIME, 0))).isFalse();
    }

    @Test
    void stimecmpNeedsBothItsEnables() {
        int write = Asm.csrrw(0, Csr.STIMECMP, 5);
        assertThat(passes(RiscvHart.MACHINE, write)).isTrue();
        assertThat(passes(RiscvHart.SUPERVISOR, write)).isFalse();
        hart.setCsr(Csr.MENVCFG, 1L << 63);
        assertThat(passes(RiscvHart.SUPERVISOR, write)).isFalse();
        hart.setCsr(Csr.MCOUNTEREN, 2);
        assertThat(passes(RiscvHart.SUPERVISOR, write)).isTrue();
    }

    @Test
    void instretCountsExactlyAndCanBeSetAndStopped() {
        test.run(
                Asm.csrrw(0, Csr.MINSTRET, 0),
                Asm.csrrs(5, Csr.MINSTRET, 0),
                Asm.NOP,
                Asm.NOP,
                Asm.csrrs(6, Csr.MINSTRET, 0),
                Asm.addi(7, 0, 4),
                Asm.csrrw(0, Csr.MCOUNTINHIBIT, 7),
                Asm.csrrs(8, Csr.MINSTRET, 0),
                Asm.NOP,
                Asm.csrrs(9, Csr.MINSTRET, 0),
                Asm.WFI);
        assertThat(hart.x(5)).isZero();
        assertThat(hart.x(6)).isEqualTo(3);
        assertThat(hart.x(9)).isEqualTo(hart.x(8));
    }

    @Test
    void setAndClearTouchOnlyTheirBits() {
        hart.setCsr(Csr.MSCRATCH, 0xf0);
        hart.setX(5, 0x3c);
        test.run(Asm.csrrs(6, Csr.MSCRATCH, 5), Asm.csrrc(7, Csr.MSCRATCH, 5), 0x34085473, Asm.WFI); // csrrwi 16
        assertThat(hart.x(6)).isEqualTo(0xf0);
        assertThat(hart.x(7)).isEqualTo(0xfc);
        assertThat(hart.x(8)).isEqualTo(0xc0);
        assertThat(hart.csr(Csr.MSCRATCH)).isEqualTo(16);
    }
}
