package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Traps: causes, values, delegation, and the way back. */
class TrapTest {
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

    /** Executes one instruction from a mode; false if it trapped to M mode. */
    private boolean passes(int mode, int insn) {
        test.put(TestHart.RAM, insn, Asm.SPIN);
        hart.setCsr(Csr.MCAUSE, -1);
        hart.setMode(mode);
        test.step(TestHart.RAM);
        return test.cause() == -1;
    }

    @Test
    void ecallNamesTheModeItComesFrom() {
        assertThat(passes(RiscvHart.USER, Asm.ECALL)).isFalse();
        assertThat(test.cause()).isEqualTo(Cause.ECALL_U);
        assertThat(passes(RiscvHart.SUPERVISOR, Asm.ECALL)).isFalse();
        assertThat(test.cause()).isEqualTo(Cause.ECALL_S);
        assertThat(passes(RiscvHart.MACHINE, Asm.ECALL)).isFalse();
        assertThat(test.cause()).isEqualTo(Cause.ECALL_M);
        assertThat(hart.csr(Csr.MTVAL)).isZero();
    }

    @Test
    void ebreakTellsItsAddress() {
        assertThat(passes(RiscvHart.MACHINE, Asm.EBREAK)).isFalse();
        assertThat(test.cause()).isEqualTo(Cause.BREAKPOINT);
        assertThat(hart.csr(Csr.MTVAL)).isEqualTo(TestHart.RAM);
    }

    @Test
    void aDelegatedTrapGoesToSupervisorModeAndBack() {
        hart.setCsr(Csr.MEDELEG, 1 << Cause.ECALL_U);
        hart.setCsr(Csr.SSTATUS, Status.SIE | 0x6000);
        assertThat(passes(RiscvHart.USER, Asm.ECALL)).isTrue();
        assertThat(hart.mode()).isEqualTo(RiscvHart.SUPERVISOR);
        assertThat(hart.pc()).isEqualTo(TestHart.S_HANDLER);
        assertThat(hart.csr(Csr.SCAUSE)).isEqualTo(Cause.ECALL_U);
        assertThat(hart.csr(Csr.SEPC)).isEqualTo(TestHart.RAM);
        assertThat(hart.csr(Csr.SSTATUS) & (Status.SIE | Status.SPIE | Status.SPP))
                .isEqualTo(Status.SPIE);
        hart.setCsr(Csr.SEPC, TestHart.RAM + 0x101);
        assertThat(passes(RiscvHart.SUPERVISOR, Asm.SRET)).isTrue();
        assertThat(hart.mode()).isEqualTo(RiscvHart.USER);
        assertThat(hart.pc()).isEqualTo(TestHart.RAM + 0x100);
        assertThat(hart.csr(Csr.SSTATUS) & (Status.SIE | Status.SPIE)).isEqualTo(Status.SIE | Status.SPIE);
    }

    @Test
    void machineModeNeverDelegates() {
        hart.setCsr(Csr.MEDELEG, -1);
        assertThat(hart.csr(Csr.MEDELEG) >>> Cause.ECALL_M & 1).isZero();
        passes(RiscvHart.MACHINE, 0xffffffff);
        assertThat(test.cause()).isEqualTo(Cause.ILLEGAL_INSTRUCTION);
    }

    @Test
    void mretGoesToTheModeInMpp() {
        hart.setCsr(Csr.MEPC, TestHart.RAM + 0x200);
        hart.setCsr(Csr.MSTATUS, 1L << Status.MPP_SHIFT | Status.MPIE | Status.MPRV);
        assertThat(passes(RiscvHart.MACHINE, Asm.MRET)).isTrue();
        assertThat(hart.mode()).isEqualTo(RiscvHart.SUPERVISOR);
        assertThat(hart.pc()).isEqualTo(TestHart.RAM + 0x200);
        long status = hart.csr(Csr.MSTATUS);
        assertThat(status & (Status.MIE | Status.MPIE | Status.MPP | Status.MPRV))
                .isEqualTo(Status.MIE | Status.MPIE);
    }

    @Test
    void privilegedInstructionsAreIllegalBelowTheirMode() {
        assertThat(passes(RiscvHart.SUPERVISOR, Asm.MRET)).isFalse();
        assertThat(test.cause()).isEqualTo(Cause.ILLEGAL_INSTRUCTION);
        assertThat(hart.csr(Csr.MTVAL)).isEqualTo(Asm.MRET);
        assertThat(passes(RiscvHart.USER, Asm.SRET)).isFalse();
        assertThat(passes(RiscvHart.USER, Asm.WFI)).isFalse();
        assertThat(passes(RiscvHart.USER, Asm.SFENCE_VMA)).isFalse();
        assertThat(passes(RiscvHart.USER, Asm.csrrs(5, Csr.SSTATUS, 0))).isFalse();
        assertThat(passes(RiscvHart.SUPERVISOR, Asm.csrrs(5, Csr.MSTATUS, 0))).isFalse();
        assertThat(passes(RiscvHart.SUPERVISOR, Asm.SFENCE_VMA)).isTrue();
        assertThat(passes(RiscvHart.SUPERVISOR, Asm.csrrs(5, Csr.SATP, 0))).isTrue();
    }

    @Test
    void mstatusCanWithholdSupervisorInstructions() {
        hart.setCsr(Csr.MSTATUS, Status.TVM);
        assertThat(passes(RiscvHart.SUPERVISOR, Asm.SFENCE_VMA)).isFalse();
        hart.setCsr(Csr.MSTATUS, Status.TVM);
        assertThat(passes(RiscvHart.SUPERVISOR, Asm.csrrs(5, Csr.SATP, 0))).isFalse();
        hart.setCsr(Csr.MSTATUS, Status.TSR);
        assertThat(passes(RiscvHart.SUPERVISOR, Asm.SRET)).isFalse();
        hart.setCsr(Csr.MSTATUS, Status.TW);
        assertThat(passes(RiscvHart.SUPERVISOR, Asm.WFI)).isFalse();
        hart.setCsr(Csr.MSTATUS, Status.TVM | Status.TSR | Status.TW);
        assertThat(passes(RiscvHart.MACHINE, Asm.SFENCE_VMA)).isTrue();
    }

    @Test
    void aTrapInTheMiddleOfABlockLeavesWhatWasBeforeIt() {
        test.put(
                TestHart.RAM,
                Asm.addi(6, 0, 1),
                Asm.addi(7, 0, 2),
                Asm.load(3, 8, 0, 0), // nothing there
                Asm.addi(7, 0, 3));
        hart.setPc(TestHart.RAM);
        hart.run(3);
        assertThat(hart.csr(Csr.MEPC)).isEqualTo(TestHart.RAM + 8);
        assertThat(hart.x(6)).isEqualTo(1);
        assertThat(hart.x(7)).isEqualTo(2);
        assertThat(hart.instret()).isEqualTo(2);
    }

    @Test
    void floatingPointIsIllegalWhileOffAndDirtiesWhenOn() {
        int fadd = 0x02000053 | 7 << 12; // fadd.d f0, f0, f0
        hart.setCsr(Csr.MSTATUS, 0);
        test.run(Asm.addi(6, 0, 9), fadd);
        assertThat(test.cause()).isEqualTo(Cause.ILLEGAL_INSTRUCTION);
        assertThat(hart.csr(Csr.MTVAL)).isEqualTo(fadd);
        assertThat(hart.x(6)).isEqualTo(9);
        assertThat(passes(RiscvHart.MACHINE, Asm.csrrs(5, Csr.FCSR, 0))).isFalse();
        hart.setCsr(Csr.MSTATUS, 0x2000);
        assertThat(passes(RiscvHart.MACHINE, fadd)).isTrue();
        assertThat(hart.csr(Csr.MSTATUS) & (Status.SD | Status.FS)).isEqualTo(Status.SD | Status.FS);
        // A reserved dynamic rounding mode is illegal, a static one beside it is not.
        hart.setCsr(Csr.FRM, 5);
        assertThat(passes(RiscvHart.MACHINE, fadd)).isFalse();
        assertThat(passes(RiscvHart.MACHINE, fadd & ~(7 << 12))).isTrue();
    }
}
