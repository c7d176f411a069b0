package dev.cprkit.vmm.cpu.riscv;

/**
 * Pairs of operations that the interpreter executes in one step, chosen by how often they follow each other in a booting
 * Linux and in the benchmark kernels. The first word of a pair gets another operation, the second stays as it is: the
 * interpreter takes its operands from there, and goes on there if the first one leaves the fast path.
 */
final class Fusion {
    private static final int[][] PAIRS = {
        {Op.ADDI, Op.ADDI, Op.ADDI_ADDI},
        {Op.ADD, Op.ADD, Op.ADD_ADD},
        {Op.SRLIW, Op.SLLIW, Op.SRLIW_SLLIW},
        {Op.SLLIW, Op.OR, Op.SLLIW_OR},
        {Op.ANDI, Op.BNE, Op.ANDI_BNE},
        {Op.ADDI, Op.BNE, Op.ADDI_BNE},
        {Op.ADDI, Op.BEQ, Op.ADDI_BEQ},
        {Op.ADDI, Op.BLTU, Op.ADDI_BLTU},
        {Op.ADD, Op.BNE, Op.ADD_BNE},
        {Op.ADD, Op.BLTU, Op.ADD_BLTU},
        {Op.SLLI, Op.ADD, Op.SLLI_ADD},
        {Op.SLLI, Op.SRLI, Op.SLLI_SRLI},
        {Op.ADDI, Op.JALR, Op.ADDI_JALR},
        {Op.ADD, Op.JALR, Op.ADD_JALR},
        {Op.ADDI, Op.ADD, Op.ADDI_ADD},
        {Op.ADD, Op.ADDI, Op.ADD_ADDI},
    };

    private static final byte[] FUSED = new byte[Op.FUSED * Op.FUSED];
    private static final byte[] FIRST = new byte[256];

    static {
        for (int i = 0; i < FIRST.length; i++) {
            FIRST[i] = (byte) i;
        }
        for (int[] pair : PAIRS) {
            FUSED[pair[0] * Op.FUSED + pair[1]] = (byte) pair[2];
            FIRST[pair[2]] = (byte) pair[0];
        }
    }

    private Fusion() {}

    /** Each pair: its first, its second, and what stands for both. */
    static int[][] pairs() {
        return PAIRS.clone();
    }

    /** The operation that stands for two in a row, or 0. */
    static int of(int first, int second) {
        return first < Op.FUSED && second < Op.FUSED ? FUSED[first * Op.FUSED + second] & 0xff : 0;
    }

    /** The operation that a word's own instruction is, fused or not. */
    static int first(int op) {
        return FIRST[op] & 0xff;
    }
}
