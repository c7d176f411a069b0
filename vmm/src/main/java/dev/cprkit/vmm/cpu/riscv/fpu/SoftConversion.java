package dev.cprkit.vmm.cpu.riscv.fpu;

/** The reference for conversions between formats and to and from integers. Raw bits are zero-extended. */
final class SoftConversion {
    private SoftConversion() {}

    static long convert(Format from, Format to, long a, FpStatus s) {
        if (from.isNan(a)) {
            return SoftArithmetic.nan(to, from.isSignalling(a), s);
        }
        boolean negative = from.negative(a);
        if (from.isInfinite(a)) {
            return to.infinity(negative);
        }
        if (from.isZero(a)) {
            return to.zero(negative);
        }
        return Rounding.round(to, negative, from.exponent(a), from.significand(a), s);
    }

    static long fromSigned(Format f, long value, FpStatus s) {
        return fromMagnitude(f, value < 0, Math.abs(value), s);
    }

    static long fromUnsigned(Format f, long value, FpStatus s) {
        return fromMagnitude(f, false, value, s);
    }

    private static long fromMagnitude(Format f, boolean negative, long magnitude, FpStatus s) {
        if (magnitude == 0) {
            return 0;
        }
        int zeros = Long.numberOfLeadingZeros(magnitude);
        return Rounding.round(f, negative, 63 - zeros, magnitude << zeros, s);
    }

    /**
     * To an integer between {@code min} and {@code max}, both as 64-bit patterns of the target's kind. What does not fit
     * saturates and is invalid, and NaN counts as too large (unprivileged manual, table "Domains of float-to-integer
     * conversions").
     *
     * @param min smallest value of the target, 0 or negative
     * @param max largest value of the target, as an unsigned number
     */
    static long toInteger(Format f, long a, long min, long max, FpStatus s) {
        boolean negative = f.negative(a) && !f.isNan(a);
        long limit = negative ? -min : max;
        if (f.isZero(a)) {
            return 0;
        }
        int exponent = f.exponent(a);
        if (f.magnitude(a) >= f.infinity || exponent > 63) {
            s.flags |= FpStatus.NV;
            return negative ? min : max;
        }
        long sig = f.significand(a);
        long kept = exponent < 0 ? 0 : sig >>> (63 - exponent);
        long rest = exponent < -1 ? 1 : exponent == 63 ? 0 : sig << (exponent + 1);
        kept += Rounding.increment(s.rm, negative, kept, rest);
        if (Long.compareUnsigned(kept, limit) > 0) {
            s.flags |= FpStatus.NV;
            return negative ? min : max;
        }
        if (rest != 0) {
            s.flags |= FpStatus.NX;
        }
        return negative ? -kept : kept;
    }
}
