package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RehearsalTest {
    @Test
    @Timeout(value = 30, unit = TimeUnit.SECONDS)
    void ends() {
        Rehearsal.run(20);
    }

    @Test
    void everyOperationIsRehearsed() {
        ByteBuffer program = ByteBuffer.wrap(RehearsalProgram.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        Set<Integer> seen = new HashSet<>();
        while (program.remaining() >= 4) {
            if ((program.get(program.position()) & 3) != 3) {
                program.getShort();
            } else {
                seen.add(Op.op(Decoder.decode(program.getInt())));
            }
        }
        for (int op = Op.NOP; op < Op.FLOAT_D; op++) {
            if (op != Op.FLOAT_CHECKED && op != Op.CALL) { // not by one instruction
                assertThat(seen).contains(op);
            }
        }
    }

    @Test
    void pairsAreKnownByTheirFirst() {
        assertThat(Fusion.of(Op.ADDI, Op.BNE)).isEqualTo(Op.ADDI_BNE);
        assertThat(Fusion.first(Op.ADDI_BNE)).isEqualTo(Op.ADDI);
        assertThat(Fusion.first(Op.LD)).isEqualTo(Op.LD);
        assertThat(Fusion.of(Op.LD, Op.SYSTEM)).isZero();
    }
}
