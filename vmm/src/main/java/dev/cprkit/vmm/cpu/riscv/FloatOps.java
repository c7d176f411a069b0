package dev.cprkit.vmm.cpu.riscv;

import dev.cprkit.vmm.cpu.riscv.fpu.Fp32;
import dev.cprkit.vmm.cpu.riscv.fpu.Fp64;
import dev.cprkit.vmm.cpu.riscv.fpu.FpStatus;

/**
 * Executes the F and D instructions that are not inlined in the interpreter: picks the operands, the rounding mode and
 * the format, and boxes single-precision results (RISC-V unprivileged architecture, "NaN Boxing of Narrower Values").
 */
final class FloatOps {
    /** Set in an operation's number if it is the single-precision one. */
    static final int SINGLE = 0x80;

    /** The rm field that means: take it from frm. */
    static final int DYNAMIC = 7;

    static final int ADD = 0;
    static final int SUB = 1;
    static final int MUL = 2;
    static final int DIV = 3;
    static final int SQRT = 4;
    static final int MADD = 5;
    static final int MSUB = 6;
    static final int NMSUB = 7;
    static final int NMADD = 8;
    static final int SGNJ = 9;
    static final int SGNJN = 10;
    static final int SGNJX = 11;
    static final int MIN = 12;
    static final int MAX = 13;
    static final int LE = 14;
    static final int LT = 15;
    static final int EQ = 16;
    static final int TO_INT32 = 17;
    static final int TO_UINT32 = 18;
    static final int TO_INT64 = 19;
    static final int TO_UINT64 = 20;
    static final int FROM_INT32 = 21;
    static final int FROM_UINT32 = 22;
    static final int FROM_INT64 = 23;
    static final int FROM_UINT64 = 24;
    static final int CONVERT = 25;
    static final int MOVE_TO_X = 26;
    static final int CLASSIFY = 27;
    static final int MOVE_FROM_X = 28;

    static final long BOX = 0xffffffff00000000L;
    private static final long SIGN64 = Long.MIN_VALUE;
    private static final int SIGN32 = Integer.MIN_VALUE;

    private FloatOps() {}

    /** Whether the word writes an f register or fflags, so that mstatus.FS becomes dirty. */
    static boolean writes(long word) {
        return switch (Op.op(word)) {
            case Op.FSW, Op.FSD -> false;
            case Op.FLOAT -> {
                int operation = Op.immediate(word) & 0x7f;
                yield operation != MOVE_TO_X && operation != CLASSIFY;
            }
            default -> true;
        };
    }

    /** The single in an f register: its low half if it is boxed, else the canonical NaN. */
    static int unbox(long register) {
        return register >>> 32 == 0xffffffffL ? (int) register : 0x7fc00000;
    }

    static long box(int single) {
        return single | BOX;
    }

    /** Executes a {@link Op#FLOAT} word. The caller has made sure that FS is on and that frm is valid. */
    static void execute(long[] x, long[] f, FpStatus status, long word) {
        int selector = Op.immediate(word);
        int rm = selector >>> 8 & 7;
        if (rm == DYNAMIC || rm == status.rm) {
            perform(x, f, status, word, selector & 0xff);
        } else {
            int dynamic = status.rm;
            status.rm = rm;
            perform(x, f, status, word, selector & 0xff);
            status.rm = dynamic;
        }
    }

    private static void perform(long[] x, long[] f, FpStatus s, long word, int operation) {
        if ((operation & SINGLE) == 0) {
            perform64(x, f, s, word, operation);
        } else {
            perform32(x, f, s, word, operation & ~SINGLE);
        }
    }

    /**
     * Executes a {@link Op#FLOAT} word on doubles in the current rounding mode. Over 325 bytes, so that it is never
     * inlined into the interpreter's loop.
     */
    static void perform64(long[] x, long[] f, FpStatus s, long word, int operation) {
        int rd = Op.rd(word);
        int rs1 = Op.rs1(word);
        int rs2 = Op.rs2(word);
        switch (operation) {
            case ADD -> f[rd] = Fp64.add(f[rs1], f[rs2], s);
            case SUB -> f[rd] = Fp64.sub(f[rs1], f[rs2], s);
            case MUL -> f[rd] = Fp64.mul(f[rs1], f[rs2], s);
            case DIV -> f[rd] = Fp64.div(f[rs1], f[rs2], s);
            case SQRT -> f[rd] = Fp64.sqrt(f[rs1], s);
            case MADD -> f[rd] = Fp64.fma(f[rs1], f[rs2], f[rs3(word)], s);
            case MSUB -> f[rd] = Fp64.fma(f[rs1], f[rs2], f[rs3(word)] ^ SIGN64, s);
            case NMSUB -> f[rd] = Fp64.fma(f[rs1] ^ SIGN64, f[rs2], f[rs3(word)], s);
            case NMADD -> f[rd] = Fp64.fma(f[rs1] ^ SIGN64, f[rs2], f[rs3(word)] ^ SIGN64, s);
            case SGNJ -> f[rd] = f[rs1] & ~SIGN64 | f[rs2] & SIGN64;
            case SGNJN -> f[rd] = f[rs1] & ~SIGN64 | ~f[rs2] & SIGN64;
            case SGNJX -> f[rd] = f[rs1] ^ f[rs2] & SIGN64;
            case MIN -> f[rd] = Fp64.min(f[rs1], f[rs2], s);
            case MAX -> f[rd] = Fp64.max(f[rs1], f[rs2], s);
            case LE -> x[rd] = Fp64.le(f[rs1], f[rs2], s);
            case LT -> x[rd] = Fp64.lt(f[rs1], f[rs2], s);
            case EQ -> x[rd] = Fp64.eq(f[rs1], f[rs2], s);
            case TO_INT32 -> x[rd] = Fp64.toInt32(f[rs1], s);
            case TO_UINT32 -> x[rd] = (int) Fp64.toUint32(f[rs1], s);
            case TO_INT64 -> x[rd] = Fp64.toInt64(f[rs1], s);
            case TO_UINT64 -> x[rd] = Fp64.toUint64(f[rs1], s);
            case FROM_INT32 -> f[rd] = Fp64.fromInt32((int) x[rs1], s);
            case FROM_UINT32 -> f[rd] = Fp64.fromUint32((int) x[rs1], s);
            case FROM_INT64 -> f[rd] = Fp64.fromInt64(x[rs1], s);
            case FROM_UINT64 -> f[rd] = Fp64.fromUint64(x[rs1], s);
            case CONVERT -> f[rd] = Fp64.fromF32(unbox(f[rs1]), s);
            case MOVE_TO_X -> x[rd] = f[rs1];
            case CLASSIFY -> x[rd] = Fp64.classify(f[rs1]);
            default -> f[rd] = x[rs1];
        }
    }

    private static void perform32(long[] x, long[] f, FpStatus s, long word, int operation) {
        int rd = Op.rd(word);
        int rs1 = Op.rs1(word);
        int a = unbox(f[rs1 & 31]);
        int b = unbox(f[Op.rs2(word) & 31]);
        switch (operation) {
            case ADD -> f[rd] = box(Fp32.add(a, b, s));
            case SUB -> f[rd] = box(Fp32.sub(a, b, s));
            case MUL -> f[rd] = box(Fp32.mul(a, b, s));
            case DIV -> f[rd] = box(Fp32.div(a, b, s));
            case SQRT -> f[rd] = box(Fp32.sqrt(a, s));
            case MADD -> f[rd] = box(Fp32.fma(a, b, unbox(f[rs3(word)]), s));
            case MSUB -> f[rd] = box(Fp32.fma(a, b, unbox(f[rs3(word)]) ^ SIGN32, s));
            case NMSUB -> f[rd] = box(Fp32.fma(a ^ SIGN32, b, unbox(f[rs3(word)]), s));
            case NMADD -> f[rd] = box(Fp32.fma(a ^ SIGN32, b, unbox(f[rs3(word)]) ^ SIGN32, s));
            case SGNJ -> f[rd] = box(a & ~SIGN32 | b & SIGN32);
            case SGNJN -> f[rd] = box(a & ~SIGN32 | ~b & SIGN32);
            case SGNJX -> f[rd] = box(a ^ b & SIGN32);
            case MIN -> f[rd] = box(Fp32.min(a, b, s));
            case MAX -> f[rd] = box(Fp32.max(a, b, s));
            case LE -> x[rd] = Fp32.le(a, b, s);
            case LT -> x[rd] = Fp32.lt(a, b, s);
            case EQ -> x[rd] = Fp32.eq(a, b, s);
            case TO_INT32 -> x[rd] = Fp32.toInt32(a, s);
            case TO_UINT32 -> x[rd] = (int) Fp32.toUint32(a, s);
            case TO_INT64 -> x[rd] = Fp32.toInt64(a, s);
            case TO_UINT64 -> x[rd] = Fp32.toUint64(a, s);
            case FROM_INT32 -> f[rd] = box(Fp32.fromInt32((int) x[rs1], s));
            case FROM_UINT32 -> f[rd] = box(Fp32.fromUint32((int) x[rs1], s));
            case FROM_INT64 -> f[rd] = box(Fp32.fromInt64(x[rs1], s));
            case FROM_UINT64 -> f[rd] = box(Fp32.fromUint64(x[rs1], s));
            case CONVERT -> f[rd] = box(Fp32.fromF64(f[rs1], s));
            case MOVE_TO_X -> x[rd] = (int) f[rs1];
            case CLASSIFY -> x[rd] = Fp32.classify(a);
            default -> f[rd] = box((int) x[rs1]);
        }
    }

    private static int rs3(long word) {
        return Op.immediate(word) >>> 16 & 31;
    }
}
