package dev.cprkit.vmm.cpu.riscv.fpu;

/**
 * The reference for every operation that rounds: special operands by IEEE 754-2008 section 6 and 7, the rest as an exact
 * result (or one that ends in a bit for "and a little more") handed to {@link Rounding}. Any format of up to 53 bits of
 * precision; operands and results are raw bits, zero-extended.
 */
final class SoftArithmetic {
    private SoftArithmetic() {}

    static long add(Format f, long a, long b, FpStatus s) {
        if (f.isNan(a) || f.isNan(b)) {
            return nan(f, f.isSignalling(a) || f.isSignalling(b), s);
        }
        boolean negative = f.negative(a);
        boolean subtract = negative != f.negative(b);
        if (f.isInfinite(a)) {
            return subtract && f.isInfinite(b) ? nan(f, true, s) : a;
        }
        if (f.isInfinite(b)) {
            return b;
        }
        if (subtract && f.magnitude(a) == f.magnitude(b)) {
            return f.zero(s.rm == FpStatus.RDN);
        }
        if (f.isZero(b)) {
            return a;
        }
        if (f.isZero(a)) {
            return b;
        }
        if (f.magnitude(a) < f.magnitude(b)) {
            long swapped = a;
            a = b;
            b = swapped;
            negative = f.negative(a);
        }
        // One bit of headroom for the carry; ten bits below are left to round by.
        int exponent = f.exponent(a) + 1;
        long larger = f.significand(a) >>> 1;
        long smaller = Rounding.shiftRightJam(f.significand(b) >>> 1, exponent - 1 - f.exponent(b));
        return normalizeAndRound(f, negative, exponent, subtract ? larger - smaller : larger + smaller, s);
    }

    static long mul(Format f, long a, long b, FpStatus s) {
        if (f.isNan(a) || f.isNan(b)) {
            return nan(f, f.isSignalling(a) || f.isSignalling(b), s);
        }
        boolean negative = f.negative(a) != f.negative(b);
        if (f.isInfinite(a) || f.isInfinite(b)) {
            return f.isZero(a) || f.isZero(b) ? nan(f, true, s) : f.infinity(negative);
        }
        if (f.isZero(a) || f.isZero(b)) {
            return f.zero(negative);
        }
        long sa = f.significand(a);
        long sb = f.significand(b);
        long product = Math.unsignedMultiplyHigh(sa, sb) | (sa * sb != 0 ? 1 : 0);
        return normalizeAndRound(f, negative, f.exponent(a) + f.exponent(b) + 1, product, s);
    }

    static long div(Format f, long a, long b, FpStatus s) {
        if (f.isNan(a) || f.isNan(b)) {
            return nan(f, f.isSignalling(a) || f.isSignalling(b), s);
        }
        boolean negative = f.negative(a) != f.negative(b);
        if (f.isInfinite(a)) {
            return f.isInfinite(b) ? nan(f, true, s) : f.infinity(negative);
        }
        if (f.isInfinite(b)) {
            return f.zero(negative);
        }
        if (f.isZero(b)) {
            if (f.isZero(a)) {
                return nan(f, true, s);
            }
            s.flags |= FpStatus.DZ;
            return f.infinity(negative);
        }
        if (f.isZero(a)) {
            return f.zero(negative);
        }
        // Both scaled into [1, 2): the quotient rounds without incident and its residual is exact, so that the sign of
        // the residual tells on which side of the rounded quotient the true one lies.
        double dividend = scaled(f.significand(a), 0);
        double divisor = scaled(f.significand(b), 0);
        double quotient = dividend / divisor;
        double residual = Math.fma(-quotient, divisor, dividend);
        return roundBeside(f, negative, f.exponent(a) - f.exponent(b), quotient, residual, s);
    }

    static long sqrt(Format f, long a, FpStatus s) {
        if (f.isNan(a)) {
            return nan(f, f.isSignalling(a), s);
        }
        if (f.isZero(a)) {
            return a;
        }
        if (f.negative(a)) {
            return nan(f, true, s);
        }
        if (f.isInfinite(a)) {
            return a;
        }
        int odd = f.exponent(a) & 1;
        double radicand = scaled(f.significand(a), odd);
        double root = Math.sqrt(radicand);
        double residual = Math.fma(-root, root, radicand);
        return roundBeside(f, false, f.exponent(a) - odd >> 1, root, residual, s);
    }

    static long fma(Format f, long a, long b, long c, FpStatus s) {
        boolean invalid = f.isInfinite(a) && f.isZero(b) || f.isZero(a) && f.isInfinite(b);
        if (invalid || f.isNan(a) || f.isNan(b) || f.isNan(c)) {
            return nan(f, invalid || f.isSignalling(a) || f.isSignalling(b) || f.isSignalling(c), s);
        }
        boolean negative = f.negative(a) != f.negative(b);
        if (f.isInfinite(a) || f.isInfinite(b)) {
            return f.isInfinite(c) && negative != f.negative(c) ? nan(f, true, s) : f.infinity(negative);
        }
        if (f.isInfinite(c)) {
            return c;
        }
        if (f.isZero(a) || f.isZero(b)) {
            return f.isZero(c) && negative != f.negative(c)
                    ? f.zero(s.rm == FpStatus.RDN)
                    : f.isZero(c) ? f.zero(negative) : c;
        }
        if (f.isZero(c)) {
            return mul(f, a, b, s);
        }
        return fmaFinite(f, negative, a, b, c, s);
    }

    /** All operands finite and not zero. 128-bit sums, with one bit of headroom; a product has 22 zeros at its end to lose. */
    private static long fmaFinite(Format f, boolean negative, long a, long b, long c, FpStatus s) {
        long sa = f.significand(a);
        long sb = f.significand(b);
        long hi = Math.unsignedMultiplyHigh(sa, sb);
        long lo = sa * sb;
        int exponent = f.exponent(a) + f.exponent(b) + 1;
        if (hi >= 0) {
            hi = hi << 1 | lo >>> 63;
            lo <<= 1;
            exponent--;
        }
        lo = hi << 63 | lo >>> 1;
        hi >>>= 1;
        long addHi = f.significand(c) >>> 1;
        long addLo = 0;
        int shift = exponent - f.exponent(c);
        if (shift >= 0) {
            addLo = lowOfShiftRightJam(addHi, 0, shift);
            addHi = shift > 63 ? 0 : addHi >>> shift;
        } else {
            lo = lowOfShiftRightJam(hi, lo, -shift);
            hi = -shift > 63 ? 0 : hi >>> -shift;
            exponent -= shift;
        }
        if (negative == f.negative(c)) {
            long sum = lo + addLo;
            hi += addHi + (Long.compareUnsigned(sum, lo) < 0 ? 1 : 0);
            lo = sum;
        } else {
            int order = hi == addHi ? Long.compareUnsigned(lo, addLo) : Long.compareUnsigned(hi, addHi);
            if (order == 0) {
                return f.zero(s.rm == FpStatus.RDN);
            }
            if (order < 0) {
                negative = !negative;
                hi = addHi - hi - (Long.compareUnsigned(addLo, lo) < 0 ? 1 : 0);
                lo = addLo - lo;
            } else {
                hi = hi - addHi - (Long.compareUnsigned(lo, addLo) < 0 ? 1 : 0);
                lo -= addLo;
            }
        }
        exponent++;
        if (hi == 0) {
            return normalizeAndRound(f, negative, exponent - 64, lo, s);
        }
        int zeros = Long.numberOfLeadingZeros(hi);
        if (zeros > 0) {
            hi = hi << zeros | lo >>> -zeros;
            lo <<= zeros;
        }
        return Rounding.round(f, negative, exponent - zeros, hi | (lo != 0 ? 1 : 0), s);
    }

    /** The low word of a 128-bit value shifted right by {@code count}, ones that fell off kept in bit 0. */
    private static long lowOfShiftRightJam(long hi, long lo, int count) {
        if (count == 0) {
            return lo;
        }
        if (count > 63) {
            return Rounding.shiftRightJam(hi, count - 64) | (lo != 0 ? 1 : 0);
        }
        return hi << -count | Rounding.shiftRightJam(lo, count);
    }

    static long nan(Format f, boolean invalid, FpStatus s) {
        if (invalid) {
            s.flags |= FpStatus.NV;
        }
        return f.canonicalNan;
    }

    private static long normalizeAndRound(Format f, boolean negative, int exponent, long sig, FpStatus s) {
        int zeros = Long.numberOfLeadingZeros(sig);
        return Rounding.round(f, negative, exponent - zeros, sig << zeros, s);
    }

    /** {@code sig * 2^(exponent-63)} as a host number; exact, for the formats have at most 53 bits. */
    private static double scaled(long sig, int exponent) {
        return Double.longBitsToDouble((long) (1023 + exponent) << 52 | sig << 1 >>> 12);
    }

    /**
     * Rounds the exact result that lies at {@code near} (0.5 to 2), or less than half a unit in its last place beside it
     * on the side that the sign of {@code residual} tells, times 2^exponent.
     */
    private static long roundBeside(
            Format f, boolean negative, int exponent, double near, double residual, FpStatus s) {
        long bits = Double.doubleToRawLongBits(near);
        long sig = Format.BINARY64.significand(bits);
        int e = exponent + Format.BINARY64.exponent(bits);
        if (residual > 0) {
            sig |= 1;
        } else if (residual < 0) {
            sig--;
            if (sig > 0) {
                sig = sig << 1 | 1;
                e--;
            }
        }
        return Rounding.round(f, negative, e, sig, s);
    }
}
