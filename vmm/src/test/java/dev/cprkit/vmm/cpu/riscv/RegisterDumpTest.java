package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RegisterDumpTest {
    @Test
    void looksAsInQemu() {
        try (TestHart test = new TestHart()) {
            RiscvHart hart = test.hart;
            hart.setX(10, 0x1234);
            hart.setX(31, -1);
            hart.setF(8, 0x3ff0000000000000L);
            hart.setCsr(Csr.FFLAGS, 3);
            List<String> lines = RegisterDump.lines(hart);
            assertThat(lines)
                    .startsWith(
                            " priv          M",
                            " pc            0000000080000000",
                            " sstatus       8000000200006000",
                            " sie           0000000000000000")
                    .contains(
                            " misa          800000000014112f",
                            " mtvec         0000000080008000",
                            " mhpmevent31   0000000000000000",
                            " mhartid       0000000000000000",
                            " x8/s0    0000000000000000 x9/s1    0000000000000000"
                                    + " x10/a0   0000000000001234 x11/a1   0000000000000000",
                            " x28/t3   0000000000000000 x29/t4   0000000000000000"
                                    + " x30/t5   0000000000000000 x31/t6   ffffffffffffffff",
                            " fflags        0000000000000003",
                            " fcsr          0000000000000003",
                            " f8/fs0   3ff0000000000000 f9/fs1   0000000000000000"
                                    + " f10/fa0  0000000000000000 f11/fa1  0000000000000000")
                    .endsWith(" f28/ft8  0000000000000000 f29/ft9  0000000000000000"
                            + " f30/ft10 0000000000000000 f31/ft11 0000000000000000");
        }
    }

    @Test
    void knowsRegistersByName() {
        try (TestHart test = new TestHart()) {
            test.hart.setX(2, 77);
            test.hart.setF(10, 78);
            assertThat(RegisterDump.named(test.hart, "pc")).hasValue(TestHart.RAM);
            assertThat(RegisterDump.named(test.hart, "priv")).hasValue(3);
            assertThat(RegisterDump.named(test.hart, "sp")).hasValue(77);
            assertThat(RegisterDump.named(test.hart, "fa0")).hasValue(78);
            assertThat(RegisterDump.named(test.hart, "mtvec")).hasValue(TestHart.M_HANDLER);
            assertThat(RegisterDump.named(test.hart, "frm")).hasValue(0);
            assertThat(RegisterDump.named(test.hart, "x2"))
                    .as("QEMU knows no numbers")
                    .isEmpty();
        }
    }
}
