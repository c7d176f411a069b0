package dev.cprkit.vmm.cpu.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Decoded code never outlives the code: stores, FENCE.I, devices, and data beside code. */
class CodeChangeTest {
    private static final long FUNCTION = TestHart.RAM + 0x100;
    private static final int RET = Asm.jalr(0, 1, 0);

    private TestHart test;
    private RiscvHart hart;

    @BeforeEach
    void start() {
        test = new TestHart();
        hart = test.hart;
        hart.setX(5, FUNCTION);
        test.put(FUNCTION, Asm.addi(10, 10, 1), RET);
    }

    @AfterEach
    void end() {
        test.close();
    }

    /** Calls the function twice, with a store of x6 to its place x7 between. */
    private void callStoreCall(long newInsn, long place) {
        hart.setX(6, newInsn);
        hart.setX(7, place);
        hart.setX(10, 0);
        test.run(Asm.jalr(1, 5, 0), Asm.store(2, 6, 7, 0), Asm.FENCE_I, Asm.jalr(1, 5, 0), Asm.WFI);
    }

    @Test
    void aStoreAndAFenceChangeWhatIsExecuted() {
        callStoreCall(Asm.addi(10, 10, 0x10), FUNCTION);
        assertThat(hart.x(10)).isEqualTo(0x11);
    }

    @Test
    void aNopBecomesAnInstruction() {
        // An instruction that decodes to nothing still belongs to its block.
        test.put(FUNCTION, Asm.addi(10, 10, 1), Asm.NOP, RET);
        callStoreCall(Asm.addi(10, 10, 0x10), FUNCTION + 4);
        assertThat(hart.x(10)).isEqualTo(0x12);
    }

    @Test
    void aJumpThatWasFollowedBecomesAnInstruction() {
        test.put(FUNCTION, Asm.jal(0, 8), Asm.NOP, Asm.addi(10, 10, 1), RET);
        callStoreCall(Asm.addi(10, 10, 0x10), FUNCTION);
        assertThat(hart.x(10)).isEqualTo(0x12);
    }

    @Test
    void aWriteByADeviceIsSeenWithoutAFence() {
        test.run(Asm.jalr(1, 5, 0), Asm.WFI);
        test.put(FUNCTION, Asm.addi(10, 0, 0x77));
        test.go(TestHart.RAM);
        assertThat(hart.x(10)).isEqualTo(0x77);
    }

    @Test
    void manyWritesByDevicesAreSeenToo() {
        test.run(Asm.jalr(1, 5, 0), Asm.WFI);
        for (int i = 0; i < 200; i++) {
            test.put(FUNCTION, Asm.addi(10, 0, i));
        }
        test.go(TestHart.RAM);
        assertThat(hart.x(10)).isEqualTo(199);
    }

    @Test
    void codeMayRewriteItselfInALoop() {
        // Each round increments the immediate of the addition ahead of it.
        hart.setX(7, TestHart.RAM + 12);
        hart.setX(8, 1 << 20);
        hart.setX(9, 5);
        test.run(
                Asm.load(2, 6, 7, 0),
                Asm.store(2, 6, 7, 0),
                Asm.FENCE_I,
                Asm.addi(10, 10, 1),
                Asm.load(2, 6, 7, 0),
                Asm.add(6, 6, 8),
                Asm.store(2, 6, 7, 0),
                Asm.addi(9, 9, -1),
                Asm.bne(9, 0, -32),
                Asm.WFI);
        assertThat(hart.x(10)).isEqualTo(0 + 1 + 2 + 3 + 4 + 5);
    }

    @Test
    void dataBesideCodeIsJustData() {
        hart.setX(7, FUNCTION + 0x40);
        hart.setX(9, 1000);
        test.run(
                Asm.store(3, 9, 7, 0),
                Asm.load(3, 6, 7, 0),
                Asm.add(10, 10, 6),
                Asm.addi(9, 9, -1),
                Asm.bne(9, 0, -16),
                Asm.WFI);
        assertThat(hart.x(10)).isEqualTo(500500);
    }

    @Test
    void aFullCacheOfDecodedCodeStartsOver() {
        int generation = hart.code.generation;
        hart.setX(5, TestHart.RAM + 0x100);
        for (int round = 0; hart.code.generation == generation; round++) {
            // Fresh code at the same place, again and again.
            int[] words = new int[1000];
            for (int i = 0; i < words.length - 1; i++) {
                words[i] = Asm.bne(0, 0, 4);
            }
            words[words.length - 1] = RET;
            test.put(FUNCTION, words);
            test.run(Asm.jalr(1, 5, 0), Asm.addi(11, 11, 1), Asm.WFI);
            assertThat(hart.x(11)).isEqualTo(round + 1);
            assertThat(round).isLessThan(5000);
        }
        test.go(TestHart.RAM);
    }
}
