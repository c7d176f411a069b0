package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Every integer instruction of I, M, Zba, Zbb and Zbs computes what another implementation does. */
class IntegerInstructionsTest {
    private static final long[][] OPERANDS = {
        {0x8000000180ff7f01L, 0x25},
        {0x0123456789abcdefL, -5},
        {Long.MIN_VALUE, -1},
    };

    @Test
    void everyInstructionComputesItsResult() throws IOException {
        try (TestHart test = new TestHart();
                InputStream in = getClass().getResourceAsStream("integer-instructions.txt")) {
            String table = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            int count = 0;
            for (String line : table.split("\n")) {
                if (line.startsWith("#")) {
                    continue;
                }
                String[] words = line.split(" ", 5);
                test.put(TestHart.RAM, Integer.parseUnsignedInt(words[0], 16), Asm.SPIN);
                for (int i = 0; i < OPERANDS.length; i++) {
                    test.hart.setX(5, OPERANDS[i][0]);
                    test.hart.setX(6, OPERANDS[i][1]);
                    test.step(TestHart.RAM);
                    assertThat(Long.toHexString(test.hart.x(7)))
                            .as(words[4] + " #" + i)
                            .isEqualTo(words[1 + i]);
                }
                count++;
            }
            assertThat(count).isEqualTo(82);
        }
    }

    @Test
    void divisionByZeroFollowsTheManual() {
        try (TestHart test = new TestHart()) {
            test.hart.setX(5, 77);
            // div, divu, rem, remu by x0
            test.run(0x0202c333, 0x0202d3b3, 0x0202e433, 0x0202f4b3, Asm.WFI);
            assertThat(test.hart.x(6)).isEqualTo(-1);
            assertThat(test.hart.x(7)).isEqualTo(-1);
            assertThat(test.hart.x(8)).isEqualTo(77);
            assertThat(test.hart.x(9)).isEqualTo(77);
        }
    }

    @Test
    void registerZeroStaysZero() {
        try (TestHart test = new TestHart()) {
            test.run(Asm.addi(0, 0, 5), Asm.auipc(0, 1), Asm.jal(0, 4), Asm.add(5, 0, 0), Asm.WFI);
            assertThat(test.hart.x(0)).isZero();
            assertThat(test.hart.x(5)).isZero();
        }
    }
}
