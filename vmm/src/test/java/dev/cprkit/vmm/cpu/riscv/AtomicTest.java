package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The A extension: reservations and read-modify-write. */
class AtomicTest {
    private static final long DATA = TestHart.RAM + 0x20000;

    private TestHart test;
    private RiscvHart hart;

    @BeforeEach
    void start() {
        test = new TestHart();
        hart = test.hart;
        hart.setX(5, DATA);
        hart.setX(6, DATA + 8);
        hart.setX(7, 42);
    }

    @AfterEach
    void end() {
        test.close();
    }

    private static int lr(int rd, int rs1) {
        return Asm.amo(AtomicOps.LR, 3, rd, 0, rs1);
    }

    private static int sc(int rd, int rs2, int rs1) {
        return Asm.amo(AtomicOps.SC, 3, rd, rs2, rs1);
    }

    @Test
    void aConditionalStoreNeedsItsReservation() {
        test.run(sc(10, 7, 5), lr(11, 5), sc(12, 7, 6), sc(13, 7, 5), lr(11, 5), sc(14, 7, 5), sc(15, 7, 5), Asm.WFI);
        assertThat(hart.x(10)).as("none").isEqualTo(1);
        assertThat(hart.x(12)).as("elsewhere").isEqualTo(1);
        assertThat(hart.x(13)).as("after a failure").isEqualTo(1);
        assertThat(hart.x(14)).as("held").isZero();
        assertThat(hart.x(15)).as("used").isEqualTo(1);
        assertThat(test.u64(DATA)).isEqualTo(42);
        assertThat(test.u64(DATA + 8)).isZero();
    }

    @Test
    void aTrapDropsTheReservation() {
        hart.setCsr(Csr.MTVEC, TestHart.RAM + 8);
        test.run(lr(11, 5), Asm.ECALL, sc(12, 7, 5), Asm.WFI);
        assertThat(hart.x(12)).isEqualTo(1);
    }

    @Test
    void aWriteByADeviceIsNoticed() {
        test.put(TestHart.RAM, lr(11, 5), Asm.SPIN, sc(12, 7, 5), Asm.SPIN);
        test.step(TestHart.RAM);
        test.put(DATA, 1);
        test.step(TestHart.RAM + 8);
        assertThat(hart.x(12)).isEqualTo(1);
    }

    @Test
    void operationsReturnTheOldValue() {
        int[] operations = {
            AtomicOps.ADD,
            AtomicOps.SWAP,
            AtomicOps.XOR,
            AtomicOps.OR,
            AtomicOps.AND,
            AtomicOps.MIN,
            AtomicOps.MAX,
            AtomicOps.MINU,
            AtomicOps.MAXU
        };
        long[] results = {-6 + 42, 42, -6 ^ 42, -6 | 42, -6 & 42, -6, 42, 42, -6};
        for (int i = 0; i < operations.length; i++) {
            for (int width = 2; width < 4; width++) {
                test.u64(DATA, -6);
                test.run(Asm.amo(operations[i], width, 10, 7, 5), Asm.WFI);
                assertThat(hart.x(10)).isEqualTo(-6);
                assertThat(width == 2 ? (int) test.u64(DATA) : test.u64(DATA))
                        .as("operation %d", operations[i])
                        .isEqualTo(results[i]);
            }
        }
        assertThat(test.u64(DATA) >>> 32).isEqualTo(0xffffffffL);
    }
}
