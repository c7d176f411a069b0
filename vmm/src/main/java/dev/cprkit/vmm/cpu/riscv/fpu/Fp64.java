package dev.cprkit.vmm.cpu.riscv.fpu;

/**
 * Double precision on raw bits, as the D extension defines it: canonical NaNs, accrued exceptions, five rounding modes.
 * Called by the thread that owns the {@link FpStatus}; never throws and never allocates.
 *
 * <p>Each operation first takes the host's result, which Java defines as the correctly rounded one to nearest even, and
 * keeps it if nothing but inexact can have been raised: it is finite and surely not tiny, and inexact is set already (it
 * accrues, so it nearly always is). While inexact is not set, an error-free transformation (Ogita, Rump and Oishi,
 * "Accurate sum and dot product", 2005) tells whether the result is exact. All else goes to the integer code of
 * {@link SoftArithmetic}. The first step is small on purpose, so that HotSpot inlines it into the interpreter.
 */
public final class Fp64 {
    private static final Format F = Format.BINARY64;

    /** Below this the residual of a product may fall out of range. */
    private static final double RESIDUAL_SAFE = 0x1p-900;

    /** Above this the sums inside an error-free transformation may overflow. */
    private static final double SUM_SAFE = 0x1p1020;

    private static final double TWO_63 = 0x1p63;

    private Fp64() {}

    public static long add(long a, long b, FpStatus s) {
        double r = Double.longBitsToDouble(a) + Double.longBitsToDouble(b);
        if (s.hostMayRound() && Math.abs(r) <= Double.MAX_VALUE) {
            return Double.doubleToRawLongBits(r);
        }
        return addFirst(a, b, r, s);
    }

    private static long addFirst(long a, long b, double r, FpStatus s) {
        if (s.rm == FpStatus.RNE && Math.abs(r) <= SUM_SAFE) {
            if (sumError(Double.longBitsToDouble(a), Double.longBitsToDouble(b), r) != 0) {
                s.flags |= FpStatus.NX;
            }
            return Double.doubleToRawLongBits(r);
        }
        return SoftArithmetic.add(F, a, b, s);
    }

    public static long sub(long a, long b, FpStatus s) {
        double r = Double.longBitsToDouble(a) - Double.longBitsToDouble(b);
        if (s.hostMayRound() && Math.abs(r) <= Double.MAX_VALUE) {
            return Double.doubleToRawLongBits(r);
        }
        // The sign of a NaN is of no consequence.
        return addFirst(a, b ^ Long.MIN_VALUE, r, s);
    }

    public static long mul(long a, long b, FpStatus s) {
        double r = Double.longBitsToDouble(a) * Double.longBitsToDouble(b);
        if (s.hostMayRound() && normal(r)) {
            return Double.doubleToRawLongBits(r);
        }
        return mulFirst(a, b, r, s);
    }

    private static long mulFirst(long a, long b, double r, FpStatus s) {
        if (s.rm == FpStatus.RNE && Math.abs(r) >= RESIDUAL_SAFE && Math.abs(r) <= SUM_SAFE) {
            if (Math.fma(Double.longBitsToDouble(a), Double.longBitsToDouble(b), -r) != 0) {
                s.flags |= FpStatus.NX;
            }
            return Double.doubleToRawLongBits(r);
        }
        return SoftArithmetic.mul(F, a, b, s);
    }

    public static long div(long a, long b, FpStatus s) {
        double r = Double.longBitsToDouble(a) / Double.longBitsToDouble(b);
        if (s.hostMayRound() && normal(r)) {
            return Double.doubleToRawLongBits(r);
        }
        return divFirst(a, b, r, s);
    }

    private static long divFirst(long a, long b, double r, FpStatus s) {
        double dividend = Double.longBitsToDouble(a);
        if (s.rm == FpStatus.RNE && normal(r) && Math.abs(dividend) >= RESIDUAL_SAFE) {
            if (Math.fma(-r, Double.longBitsToDouble(b), dividend) != 0) {
                s.flags |= FpStatus.NX;
            }
            return Double.doubleToRawLongBits(r);
        }
        return SoftArithmetic.div(F, a, b, s);
    }

    public static long sqrt(long a, FpStatus s) {
        double d = Double.longBitsToDouble(a);
        double r = Math.sqrt(d);
        if (s.rm == FpStatus.RNE && d >= RESIDUAL_SAFE && d <= Double.MAX_VALUE) {
            if ((s.flags & FpStatus.NX) == 0 && Math.fma(-r, r, d) != 0) {
                s.flags |= FpStatus.NX;
            }
            return Double.doubleToRawLongBits(r);
        }
        return SoftArithmetic.sqrt(F, a, s);
    }

    /** {@code a * b + c}, rounded once. Its negated kin are this one with the signs of {@code a} and {@code c} flipped. */
    public static long fma(long a, long b, long c, FpStatus s) {
        double r = Math.fma(Double.longBitsToDouble(a), Double.longBitsToDouble(b), Double.longBitsToDouble(c));
        if (s.hostMayRound() && normal(r)) {
            return Double.doubleToRawLongBits(r);
        }
        return fmaFirst(a, b, c, r, s);
    }

    private static long fmaFirst(long a, long b, long c, double r, FpStatus s) {
        double x = Double.longBitsToDouble(a);
        double y = Double.longBitsToDouble(b);
        double product = x * y;
        if (s.rm == FpStatus.RNE
                && Math.abs(product) >= RESIDUAL_SAFE
                && Math.abs(product) <= SUM_SAFE
                && Math.abs(r) <= SUM_SAFE
                && Math.fma(x, y, -product) == 0) {
            // The product is exact, so that the sum below is the whole operation, and sums never underflow.
            if (sumError(product, Double.longBitsToDouble(c), r) != 0) {
                s.flags |= FpStatus.NX;
            }
            return Double.doubleToRawLongBits(r);
        }
        return SoftArithmetic.fma(F, a, b, c, s);
    }

    /** Finite and not tiny, however it was rounded: the least normal number may have been reached by rounding up. */
    private static boolean normal(double r) {
        return Math.abs(r) > Double.MIN_NORMAL && Math.abs(r) <= Double.MAX_VALUE;
    }

    /** The exact {@code a + b - sum}, where {@code sum} is a + b rounded to nearest. */
    static double sumError(double a, double b, double sum) {
        double bInSum = sum - a;
        return a - (sum - bInSum) + (b - bInSum);
    }

    /** The smaller number; a quiet NaN gives way, -0 is below +0. */
    public static long min(long a, long b, FpStatus s) {
        return SoftComparison.extremum(F, a, b, false, s);
    }

    /** The larger number; a quiet NaN gives way, -0 is below +0. */
    public static long max(long a, long b, FpStatus s) {
        return SoftComparison.extremum(F, a, b, true, s);
    }

    /** 1 if equal, else 0; only a signalling NaN is invalid. */
    public static int eq(long a, long b, FpStatus s) {
        if (Double.longBitsToDouble(a) == Double.longBitsToDouble(b)) {
            return 1;
        }
        if (F.isSignalling(a) || F.isSignalling(b)) {
            s.flags |= FpStatus.NV;
        }
        return 0;
    }

    /** 1 if a is less than b, else 0; any NaN is invalid. */
    public static int lt(long a, long b, FpStatus s) {
        double x = Double.longBitsToDouble(a);
        double y = Double.longBitsToDouble(b);
        return x < y ? 1 : x >= y ? 0 : unordered(s);
    }

    /** 1 if a is at most b, else 0; any NaN is invalid. */
    public static int le(long a, long b, FpStatus s) {
        double x = Double.longBitsToDouble(a);
        double y = Double.longBitsToDouble(b);
        return x <= y ? 1 : x > y ? 0 : unordered(s);
    }

    private static int unordered(FpStatus s) {
        s.flags |= FpStatus.NV;
        return 0;
    }

    /** The class mask of {@code fclass.d}. */
    public static int classify(long a) {
        return SoftComparison.classify(F, a);
    }

    /** To a signed 32-bit integer, sign-extended. */
    public static long toInt32(long a, FpStatus s) {
        double d = Double.longBitsToDouble(a);
        if (s.rm == FpStatus.RTZ && Math.abs(d) < 0x1p31) {
            int i = (int) d;
            s.flags |= i == d ? 0 : FpStatus.NX;
            return i;
        }
        return SoftConversion.toInteger(F, a, Integer.MIN_VALUE, Integer.MAX_VALUE, s);
    }

    /** To an unsigned 32-bit integer, sign-extended from bit 31 as RV64 registers hold it. */
    public static long toUint32(long a, FpStatus s) {
        return (int) SoftConversion.toInteger(F, a, 0, 0xffff_ffffL, s);
    }

    /** To a signed 64-bit integer. */
    public static long toInt64(long a, FpStatus s) {
        double d = Double.longBitsToDouble(a);
        if (s.rm == FpStatus.RTZ && Math.abs(d) < TWO_63) {
            long i = (long) d;
            s.flags |= i == d ? 0 : FpStatus.NX;
            return i;
        }
        return SoftConversion.toInteger(F, a, Long.MIN_VALUE, Long.MAX_VALUE, s);
    }

    /** To an unsigned 64-bit integer. */
    public static long toUint64(long a, FpStatus s) {
        return SoftConversion.toInteger(F, a, 0, -1, s);
    }

    /** From a signed 32-bit integer; always exact. */
    @SuppressWarnings("unused") // The shape of the other conversions.
    public static long fromInt32(int value, FpStatus s) {
        return Double.doubleToRawLongBits(value);
    }

    /** From an unsigned 32-bit integer; always exact. */
    @SuppressWarnings("unused") // The shape of the other conversions.
    public static long fromUint32(int value, FpStatus s) {
        return Double.doubleToRawLongBits((double) Integer.toUnsignedLong(value));
    }

    /** From a signed 64-bit integer. */
    public static long fromInt64(long value, FpStatus s) {
        if (value == value << 11 >> 11 || s.hostMayRound()) {
            return Double.doubleToRawLongBits((double) value);
        }
        return SoftConversion.fromSigned(F, value, s);
    }

    /** From an unsigned 64-bit integer. */
    public static long fromUint64(long value, FpStatus s) {
        if (value >>> 53 == 0) {
            return Double.doubleToRawLongBits((double) value);
        }
        return SoftConversion.fromUnsigned(F, value, s);
    }

    /** From single precision; exact, but a signalling NaN is invalid. */
    public static long fromF32(int a, FpStatus s) {
        float v = Float.intBitsToFloat(a);
        if (Math.abs(v) <= Float.MAX_VALUE) {
            return Double.doubleToRawLongBits(v);
        }
        return SoftConversion.convert(Format.BINARY32, F, Integer.toUnsignedLong(a), s);
    }
}
