package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

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
    void pairsAreKnownByTheirFirst() {
        assertThat(Fusion.of(Op.ADDI, Op.BNE)).isEqualTo(Op.ADDI_BNE);
        assertThat(Fusion.first(Op.ADDI_BNE)).isEqualTo(Op.ADDI);
        assertThat(Fusion.first(Op.LD)).isEqualTo(Op.LD);
        assertThat(Fusion.of(Op.LD, Op.SYSTEM)).isZero();
    }
}
