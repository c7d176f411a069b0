package dev.cprkit.vmm.cpu.riscv.fpu;

/** Rounding an exact result to a format, with the exceptions that follow from it (IEEE 754-2008, sections 4.3 and 7). */
final class Rounding {
    private Rounding() {}

    /**
     * Rounds {@code (-1)^negative * sig * 2^(exponent-63)}. Underflow is detected after rounding, as RISC-V does.
     *
     * @param exponent unbiased, of bit 63
     * @param sig bit 63 set; bit 0 also stands for everything non-zero below it
     */
    static long round(Format f, boolean negative, int exponent, long sig, FpStatus s) {
        int drop = 63 - f.fractionBits;
        int biased = exponent + f.bias;
        if (biased > 2 * f.bias) {
            return overflow(f, negative, s);
        }
        boolean tiny = false;
        if (biased < 1) {
            tiny = biased < 0 || keep(sig, drop, negative, s.rm) <= (f.fractionMask << 1 | 1);
            sig = shiftRightJam(sig, 1 - biased);
            biased = 1;
        }
        if ((sig & (1L << drop) - 1) != 0) {
            s.flags |= tiny ? FpStatus.NX | FpStatus.UF : FpStatus.NX;
        }
        // The hidden bit of a normal number, or a carry out of a subnormal one, adds one to the exponent field.
        long magnitude = ((long) (biased - 1) << f.fractionBits) + keep(sig, drop, negative, s.rm);
        return magnitude >= f.infinity ? overflow(f, negative, s) : f.zero(negative) | magnitude;
    }

    /** {@code sig} without its {@code drop} (1 to 62) low bits, rounded. */
    private static long keep(long sig, int drop, boolean negative, int rm) {
        long kept = sig >>> drop;
        return kept + increment(rm, negative, kept, sig << (64 - drop));
    }

    /**
     * What rounding adds to a magnitude that was cut to an integer: 0 or 1.
     *
     * @param rest what was cut off, as a fraction of 2^64
     */
    static int increment(int rm, boolean negative, long kept, long rest) {
        if (rest == 0) {
            return 0;
        }
        return switch (rm) {
            case FpStatus.RNE -> rest < 0 && ((kept & 1) != 0 || rest != Long.MIN_VALUE) ? 1 : 0;
            case FpStatus.RDN -> negative ? 1 : 0;
            case FpStatus.RUP -> negative ? 0 : 1;
            case FpStatus.RMM -> rest < 0 ? 1 : 0;
            default -> 0;
        };
    }

    private static long overflow(Format f, boolean negative, FpStatus s) {
        s.flags |= FpStatus.OF | FpStatus.NX;
        boolean towardsZero = s.rm == FpStatus.RTZ || s.rm == (negative ? FpStatus.RUP : FpStatus.RDN);
        return f.infinity(negative) - (towardsZero ? 1 : 0);
    }

    /** Shifts right by {@code count} (0 or more); bit 0 of the result also tells of ones that fell off. */
    static long shiftRightJam(long value, int count) {
        if (count == 0) {
            return value;
        }
        if (count > 63) {
            return value == 0 ? 0 : 1;
        }
        return value >>> count | (value << -count != 0 ? 1 : 0);
    }
}
