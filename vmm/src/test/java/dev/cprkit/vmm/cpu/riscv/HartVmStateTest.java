package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.vmm.state.StateDecoder;
import dev.cprkit.vmm.state.StateEncoder;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import dev.cprkit.vmm.state.StateOutput;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A hart that was saved and loaded goes on where it was. */
class HartVmStateTest {
    private static final int[] CSRS = {
        Csr.MSTATUS,
        Csr.MEDELEG,
        Csr.MIDELEG,
        Csr.MIE,
        Csr.MIP,
        Csr.MTVEC,
        Csr.MCOUNTEREN,
        Csr.MENVCFG,
        Csr.MSCRATCH,
        Csr.MEPC,
        Csr.MCAUSE,
        Csr.MTVAL,
        Csr.STVEC,
        Csr.SCOUNTEREN,
        Csr.SENVCFG,
        Csr.SSCRATCH,
        Csr.SEPC,
        Csr.SCAUSE,
        Csr.STVAL,
        Csr.SATP,
        Csr.STIMECMP,
        Csr.MCOUNTINHIBIT,
        Csr.FCSR,
        Csr.PMPCFG0,
        Csr.PMPCFG2,
        Csr.PMPADDR0 + 3,
        Csr.PMPADDR0 + 15,
        Csr.MCYCLE,
        Csr.MINSTRET,
    };

    private static byte[] save(RiscvHart hart) throws StateException, IOException {
        StateOutput out = StateOutput.toMemory();
        StateEncoder.save(hart.section().type(), hart, out);
        return out.toByteArray();
    }

    private static void load(RiscvHart hart, byte[] bytes) throws StateException, IOException {
        StateInput in = StateInput.of(bytes);
        StateDecoder.load(hart.section().type(), hart, hart.section().type().version(), in);
        assertThat(in.atEnd()).isTrue();
    }

    @Test
    void everythingThatHoldsStateTravels() throws StateException, IOException {
        try (TestHart from = new TestHart();
                TestHart to = new TestHart()) {
            from.run(Asm.NOP, Asm.NOP, Asm.NOP, Asm.WFI);
            for (int csr : CSRS) {
                from.hart.setCsr(csr, 0x9a00_0000_0123_4567L + csr * 8L);
            }
            from.hart.setCsr(Csr.SATP, 9L << 60 | 0x80001);
            from.hart.setCsr(Csr.FCSR, 0x4d);
            from.hart.setInterrupt(11, true);
            from.hart.setMode(RiscvHart.SUPERVISOR);
            from.hart.setPc(0x123456);
            for (int i = 1; i < 32; i++) {
                from.hart.setX(i, i * 0x1111_2222_3333L);
                from.hart.setF(i, ~i * 0x1111_2222_3333L);
            }
            load(to.hart, save(from.hart));
            for (int csr : CSRS) {
                assertThat(to.hart.csr(csr)).as("csr %x", csr).isEqualTo(from.hart.csr(csr));
            }
            for (int i = 0; i < 32; i++) {
                assertThat(to.hart.x(i)).isEqualTo(from.hart.x(i));
                assertThat(to.hart.f(i)).isEqualTo(from.hart.f(i));
            }
            assertThat(to.hart.pc()).isEqualTo(0x123456);
            assertThat(to.hart.mode()).isEqualTo(RiscvHart.SUPERVISOR);
            assertThat(to.hart.waiting()).isTrue();
            assertThat(to.alarm).isEqualTo(from.alarm);
            assertThat(save(to.hart)).isEqualTo(save(from.hart));
        }
    }

    @Test
    void aWaitingHartGoesOnWaitingAndThenGoesOn() throws StateException, IOException {
        try (TestHart from = new TestHart();
                TestHart to = new TestHart()) {
            from.hart.setCsr(Csr.MIE, 1 << 3);
            from.run(Asm.WFI, Asm.addi(5, 0, 7), Asm.jal(0, 0));
            to.put(TestHart.RAM, Asm.WFI, Asm.addi(5, 0, 7), Asm.jal(0, 0));
            load(to.hart, save(from.hart));
            assertThat(to.hart.run(10)).isEqualTo(RiscvHart.Exit.WAIT_FOR_INTERRUPT);
            to.hart.setInterrupt(3, true);
            to.hart.run(10);
            assertThat(to.hart.x(5)).isEqualTo(7);
        }
    }

    @Test
    void aModeThatDoesNotExistIsRefused() throws StateException, IOException {
        try (TestHart test = new TestHart()) {
            byte[] bytes = save(test.hart);
            bytes[32 * 8 + 32 * 8 + 8] = 2;
            assertThatThrownBy(() -> load(test.hart, bytes))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("mode 2");
        }
    }
}
