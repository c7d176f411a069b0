package dev.cprkit.vmm.cpu.riscv.fpu;

/** A binary interchange format of IEEE 754-2008, section 3.6: its field widths, and how its raw bits come apart. */
final class Format {
    static final Format BINARY32 = new Format(23, 8);
    static final Format BINARY64 = new Format(52, 11);

    /** Stored fraction bits: the precision less the hidden bit. */
    final int fractionBits;
    /** Greatest biased exponent; it marks infinities and NaNs. */
    final int exponentMax;

    final int bias;
    final int signShift;
    final long fractionMask;
    final long infinity;
    /** The one NaN that RISC-V operations give: positive, quiet, no payload. */
    final long canonicalNan;

    private Format(int fractionBits, int exponentBits) {
        this.fractionBits = fractionBits;
        exponentMax = (1 << exponentBits) - 1;
        bias = exponentMax >> 1;
        signShift = fractionBits + exponentBits;
        fractionMask = (1L << fractionBits) - 1;
        infinity = (long) exponentMax << fractionBits;
        canonicalNan = infinity | 1L << (fractionBits - 1);
    }

    boolean negative(long bits) {
        return (bits >>> signShift & 1) != 0;
    }

    /** The bits without their sign. */
    long magnitude(long bits) {
        return bits & ((1L << signShift) - 1);
    }

    boolean isNan(long bits) {
        return magnitude(bits) > infinity;
    }

    boolean isSignalling(long bits) {
        return isNan(bits) && (bits >>> (fractionBits - 1) & 1) == 0;
    }

    boolean isInfinite(long bits) {
        return magnitude(bits) == infinity;
    }

    boolean isZero(long bits) {
        return magnitude(bits) == 0;
    }

    /** The significand of a finite non-zero number, shifted left until bit 63 is set: its value is sig * 2^(exponent-63). */
    long significand(long bits) {
        long fraction = bits & fractionMask;
        if (magnitude(bits) <= fractionMask) {
            return fraction << Long.numberOfLeadingZeros(fraction);
        }
        return (fraction | fractionMask + 1) << (63 - fractionBits);
    }

    /** The unbiased exponent of the leading one of a finite non-zero number. */
    int exponent(long bits) {
        long magnitude = magnitude(bits);
        if (magnitude <= fractionMask) {
            return 64 - bias - fractionBits - Long.numberOfLeadingZeros(magnitude);
        }
        return (int) (magnitude >>> fractionBits) - bias;
    }

    long zero(boolean negative) {
        return negative ? 1L << signShift : 0;
    }

    long infinity(boolean negative) {
        return zero(negative) | infinity;
    }
}
