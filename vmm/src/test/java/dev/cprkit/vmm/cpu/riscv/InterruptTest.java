package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.cpu.Vcpu;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Interrupts: priority, enables, delegation, vectors, waiting, Sstc's timer. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class InterruptTest {
    private static final long INTERRUPT = 1L << 63;
    private static final int SPIN = Asm.SPIN;

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

    @Test
    void theHighestPriorityIsTakenFirst() {
        int[] order = {11, 3, 7, 9, 1, 5};
        for (int number : order) {
            hart.setInterrupt(number, true);
        }
        test.put(TestHart.RAM, SPIN);
        hart.setCsr(Csr.MIE, -1);
        for (int number : order) {
            hart.setCsr(Csr.MSTATUS, Status.MIE);
            hart.setPc(TestHart.RAM);
            hart.run(10);
            assertThat(test.cause()).isEqualTo(INTERRUPT | number);
            assertThat(hart.csr(Csr.MEPC)).isEqualTo(TestHart.RAM);
            assertThat(hart.csr(Csr.MSTATUS) & (Status.MIE | Status.MPIE)).isEqualTo(Status.MPIE);
            hart.setInterrupt(number, false);
        }
        assertThat(hart.csr(Csr.MIP)).isZero();
    }

    @Test
    void enablesAndDelegationDecide() {
        test.put(TestHart.RAM, Asm.WFI);
        hart.setInterrupt(9, true);
        hart.setCsr(Csr.MIE, 1 << 9);
        // M mode with MIE clear: pending ends wfi, but no trap is taken.
        test.put(TestHart.RAM, Asm.WFI, Asm.addi(5, 0, 1), SPIN);
        hart.setPc(TestHart.RAM);
        hart.run(50);
        assertThat(hart.x(5)).isEqualTo(1);
        assertThat(test.cause()).isZero();
        // Delegated: not taken in M mode, taken in U mode whatever SIE says.
        hart.setCsr(Csr.MIDELEG, -1);
        hart.setCsr(Csr.MSTATUS, Status.MIE);
        hart.setPc(TestHart.RAM + 8);
        hart.run(50);
        assertThat(hart.mode()).isEqualTo(RiscvHart.MACHINE);
        hart.setMode(RiscvHart.USER);
        hart.run(50);
        assertThat(hart.mode()).isEqualTo(RiscvHart.SUPERVISOR);
        assertThat(hart.csr(Csr.SCAUSE)).isEqualTo(INTERRUPT | 9);
    }

    @Test
    void vectorsSpreadInterruptsButNotExceptions() {
        hart.setCsr(Csr.MTVEC, TestHart.M_HANDLER | 1);
        test.put(TestHart.M_HANDLER, Asm.addi(6, 0, 1), SPIN, Asm.NOP, Asm.addi(6, 0, 2), SPIN);
        test.put(TestHart.RAM, Asm.ECALL);
        hart.setPc(TestHart.RAM);
        hart.run(10);
        assertThat(hart.x(6)).isEqualTo(1);
        test.put(TestHart.RAM, SPIN);
        hart.setCsr(Csr.MIE, 1 << 3);
        hart.setCsr(Csr.MSTATUS, Status.MIE);
        hart.setInterrupt(3, true);
        hart.setPc(TestHart.RAM);
        hart.run(10);
        assertThat(hart.x(6)).isEqualTo(2);
    }

    @Test
    void enablingTakesAPendingInterruptAtOnce() {
        hart.setInterrupt(3, true);
        hart.setCsr(Csr.MIE, 1 << 3);
        hart.setX(5, Status.MIE);
        test.run(Asm.csrrs(0, Csr.MSTATUS, 5), Asm.addi(7, 0, 1), SPIN);
        assertThat(hart.csr(Csr.MEPC)).isEqualTo(TestHart.RAM + 4);
        assertThat(hart.x(7)).isZero();
    }

    @Test
    void anotherThreadInterruptsARunningLoopAndWakesAWaitingHart() throws InterruptedException {
        test.put(TestHart.RAM, SPIN);
        hart.setCsr(Csr.MIE, 1 << 11);
        hart.setCsr(Csr.MSTATUS, Status.MIE);
        hart.setPc(TestHart.RAM);
        // The handler masks the interrupt and waits.
        test.put(TestHart.M_HANDLER, Asm.csrrw(0, Csr.MIE, 0), Asm.WFI, Asm.jal(0, -4));
        Thread vcpu = new Thread(() -> {
            Vcpu.Exit exit;
            do {
                exit = hart.run(1_000_000_000L);
            } while (exit != Vcpu.Exit.WAIT_FOR_INTERRUPT);
        });
        vcpu.start();
        hart.setInterrupt(11, true);
        vcpu.join();
        assertThat(test.cause()).isEqualTo(INTERRUPT | 11);
        assertThat(test.wakes.get()).isPositive();
        assertThat(hart.hasPendingWakeup()).isFalse();
        hart.setCsr(Csr.MIE, 1 << 11);
        assertThat(hart.hasPendingWakeup()).isTrue();
    }

    @Test
    void requestExitEndsARunWithoutAnInstruction() {
        test.put(TestHart.RAM, SPIN);
        hart.setPc(TestHart.RAM);
        hart.requestExit();
        assertThat(hart.run(1000)).isEqualTo(RiscvHart.Exit.YIELD);
        assertThat(hart.instret()).isZero();
        hart.run(1000);
        assertThat(hart.instret()).isBetween(1000L, 1010L);
    }

    @Test
    void theSupervisorTimerFollowsStimecmp() {
        hart.setCsr(Csr.MENVCFG, 1L << 63);
        test.time(100);
        hart.setCsr(Csr.STIMECMP, 200);
        assertThat(test.alarm).isEqualTo(200);
        assertThat(hart.csr(Csr.MIP)).isZero();
        hart.setCsr(Csr.MIE, 1 << 5);
        test.put(TestHart.RAM, Asm.WFI);
        hart.setPc(TestHart.RAM);
        assertThat(hart.run(10)).isEqualTo(RiscvHart.Exit.WAIT_FOR_INTERRUPT);
        assertThat(hart.hasPendingWakeup()).isFalse();
        test.time(200);
        hart.timerExpired();
        assertThat(hart.hasPendingWakeup()).isTrue();
        assertThat(hart.csr(Csr.MIP)).isEqualTo(1 << 5);
        hart.setCsr(Csr.STIMECMP, -1);
        assertThat(test.alarm).isEqualTo(-1);
        assertThat(hart.csr(Csr.MIP)).isZero();
        // Software cannot set the bit while the timer owns it.
        hart.setCsr(Csr.MIP, 1 << 5);
        assertThat(hart.csr(Csr.MIP)).isZero();
        hart.setCsr(Csr.MENVCFG, 0);
        hart.setCsr(Csr.MIP, 1 << 5);
        assertThat(hart.csr(Csr.MIP)).isEqualTo(1 << 5);
    }

    @Test
    void aWireOfSeipDoesNotStickByReadModifyWrite() {
        hart.setInterrupt(9, true);
        hart.setX(5, 2);
        test.run(Asm.csrrs(6, Csr.MIP, 5), Asm.WFI);
        assertThat(hart.x(6)).isEqualTo(1 << 9);
        hart.setInterrupt(9, false);
        assertThat(hart.csr(Csr.MIP)).isEqualTo(2);
    }
}
