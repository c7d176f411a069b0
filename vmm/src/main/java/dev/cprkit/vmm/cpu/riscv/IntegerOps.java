package dev.cprkit.vmm.cpu.riscv;

/** The integer instructions that are rare enough to cost a call: division, high products, bit manipulation. */
final class IntegerOps {
    static final int MULH = 0;
    static final int MULHSU = 1;
    static final int MULHU = 2;
    static final int DIV = 3;
    static final int DIVU = 4;
    static final int REM = 5;
    static final int REMU = 6;
    static final int DIVW = 7;
    static final int DIVUW = 8;
    static final int REMW = 9;
    static final int REMUW = 10;
    static final int ANDN = 11;
    static final int ORN = 12;
    static final int XNOR = 13;
    static final int CLZ = 14;
    static final int CLZW = 15;
    static final int CTZ = 16;
    static final int CTZW = 17;
    static final int CPOP = 18;
    static final int CPOPW = 19;
    static final int MAX = 20;
    static final int MAXU = 21;
    static final int MIN = 22;
    static final int MINU = 23;
    static final int SEXT_B = 24;
    static final int SEXT_H = 25;
    static final int ZEXT_H = 26;
    static final int ROL = 27;
    static final int ROLW = 28;
    static final int ROR = 29;
    static final int RORI = 30;
    static final int RORIW = 31;
    static final int RORW = 32;
    static final int ORC_B = 33;
    static final int REV8 = 34;
    static final int BCLR = 35;
    static final int BCLRI = 36;
    static final int BEXT = 37;
    static final int BEXTI = 38;
    static final int BINV = 39;
    static final int BINVI = 40;
    static final int BSET = 41;
    static final int BSETI = 42;
    static final int SLLI_UW = 43;
    static final int SH1ADD_UW = 44;
    static final int SH2ADD_UW = 45;
    static final int SH3ADD_UW = 46;

    private IntegerOps() {}

    /** Executes the {@link Op#INTEGER} word on the registers. */
    static void execute(long[] x, long word) {
        int selector = Op.immediate(word);
        long a = x[Op.rs1(word)];
        long b = x[Op.rs2(word)];
        int n = selector >>> 8;
        x[Op.rd(word)] = switch (selector & 0xff) {
            case MULH -> Math.multiplyHigh(a, b);
            case MULHSU -> Math.multiplyHigh(a, b) + (b >> 63 & a);
            case MULHU -> Math.unsignedMultiplyHigh(a, b);
            case DIV -> b == 0 ? -1 : a / b;
            case DIVU -> b == 0 ? -1 : Long.divideUnsigned(a, b);
            case REM -> b == 0 ? a : a % b;
            case REMU -> b == 0 ? a : Long.remainderUnsigned(a, b);
            case DIVW -> (int) b == 0 ? -1 : (int) a / (int) b;
            case DIVUW -> (int) b == 0 ? -1 : Integer.divideUnsigned((int) a, (int) b);
            case REMW -> (int) b == 0 ? (int) a : (int) a % (int) b;
            case REMUW -> (int) b == 0 ? (int) a : Integer.remainderUnsigned((int) a, (int) b);
            default -> bits(selector & 0xff, a, b, n);
        };
    }

    private static long bits(int operation, long a, long b, int n) {
        return switch (operation) {
            case ANDN -> a & ~b;
            case ORN -> a | ~b;
            case XNOR -> ~(a ^ b);
            case CLZ -> Long.numberOfLeadingZeros(a);
            case CLZW -> Integer.numberOfLeadingZeros((int) a);
            case CTZ -> Long.numberOfTrailingZeros(a);
            case CTZW -> Integer.numberOfTrailingZeros((int) a);
            case CPOP -> Long.bitCount(a);
            case CPOPW -> Integer.bitCount((int) a);
            case MAX -> Math.max(a, b);
            case MAXU -> Long.compareUnsigned(a, b) > 0 ? a : b;
            case MIN -> Math.min(a, b);
            case MINU -> Long.compareUnsigned(a, b) < 0 ? a : b;
            case SEXT_B -> (byte) a;
            case SEXT_H -> (short) a;
            case ZEXT_H -> (char) a;
            case ROL -> Long.rotateLeft(a, (int) b);
            case ROLW -> Integer.rotateLeft((int) a, (int) b);
            case ROR -> Long.rotateRight(a, (int) b);
            case RORI -> Long.rotateRight(a, n);
            case RORIW -> Integer.rotateRight((int) a, n);
            case RORW -> Integer.rotateRight((int) a, (int) b);
            case ORC_B -> orCombine(a);
            case REV8 -> Long.reverseBytes(a);
            case BCLR -> a & ~(1L << b);
            case BCLRI -> a & ~(1L << n);
            case BEXT -> a >>> b & 1;
            case BEXTI -> a >>> n & 1;
            case BINV -> a ^ 1L << b;
            case BINVI -> a ^ 1L << n;
            case BSET -> a | 1L << b;
            case BSETI -> a | 1L << n;
            case SLLI_UW -> (a & 0xffffffffL) << n;
            case SH1ADD_UW -> ((a & 0xffffffffL) << 1) + b;
            case SH2ADD_UW -> ((a & 0xffffffffL) << 2) + b;
            case SH3ADD_UW -> ((a & 0xffffffffL) << 3) + b;
            default -> throw new IllegalStateException("no integer operation " + operation);
        };
    }

    /** orc.b: each byte becomes 0xff if it has a bit set. */
    private static long orCombine(long a) {
        long low7 = 0x7f7f7f7f7f7f7f7fL;
        long high = ((a & low7) + low7 | a) & ~low7; // the top bit of each byte that is not zero
        return (high << 1) - (high >>> 7);
    }
}
