package dev.cprkit.vmm.cpu.riscv.fpu;

/**
 * Double precision on raw bits, as the D extension defines it: canonical NaNs, accrued exceptions, five rounding modes.
 * Called by the thread that owns the {@link FpStatus}; never throws and never allocates.
 *
 * <p>Each operation first takes the host's result, which Java defines as the correctly rounded one to nearest even, and
 * keeps it if nothing but inexact can have been raised: it is finite and surely not tiny, and inexact is set already (it
 * accrues, so it nearly always is). While inexact is not set, an error-free transformation (Ogita, Rump and Oishi,
 * "Accurate sum and dot product", 2005) tells whether the result is exact. All else goes to the integer code of
 * {@link SoftArithmetic}. The first step of each is at most 35 bytes of bytecode on purpose: that much HotSpot inlines into
 * the interpreter even where the instruction is one among many.
 */
public final class Fp64 {
    private static final Format F = Format.BINARY64;

    /** Below this the residual of a product may fall out of range. */
    private static final double RESIDUAL_SAFE = 0x1p-900;

    /** Above this the sums inside an error-free transformation may overflow. */
    private static final double SUM_SAFE = 0x1p1020;

    private Fp64() {}

    public static long add(long a, long b, FpStatus s) {
        double r = Double.longBitsToDouble(a) + Double.longBitsToDouble(b);
        if (s.keepsSum(r)) {
            return Double.doubleToRawLongBits(r);
        }
        return addFirst(a, b, s);
    }

    private static long addFirst(long a, long b, FpStatus s) {
        double x = Double.longBitsToDouble(a);
        double y = Double.longBitsToDouble(b);
        double r = x + y;
        if (s.rm == FpStatus.RNE && Math.abs(r) <= SUM_SAFE) {
            if (sumError(x, y, r) != 0) {
                s.flags |= FpStatus.NX;
            }
            return Double.doubleToRawLongBits(r);
        }
        return SoftArithmetic.add(F, a, b, s);
    }

    public static long sub(long a, long b, FpStatus s) {
        // The sign of a NaN is of no consequence.
        return add(a, b ^ Long.MIN_VALUE, s);
    }

    public static long mul(long a, long b, FpStatus s) {
        double r = Double.longBitsToDouble(a) * Double.longBitsToDouble(b);
        if (s.keeps(r)) {
            return Double.doubleToRawLongBits(r);
        }
        return mulFirst(a, b, s);
    }

    private static long mulFirst(long a, long b, FpStatus s) {
        double x = Double.longBitsToDouble(a);
        double y = Double.longBitsToDouble(b);
        double r = x * y;
        if (r == 0 && (x == 0 || y == 0)) {
            return Double.doubleToRawLongBits(r);
        }
        if (s.rm == FpStatus.RNE && Math.abs(r) >= RESIDUAL_SAFE && Math.abs(r) <= SUM_SAFE) {
            if (Math.fma(x, y, -r) != 0) {
                s.flags |= FpStatus.NX;
            }
            return Double.doubleToRawLongBits(r);
        }
        return SoftArithmetic.mul(F, a, b, s);
    }

    public static long div(long a, long b, FpStatus s) {
        double r = Double.longBitsToDouble(a) / Double.longBitsToDouble(b);
        if (s.keeps(r)) {
            return Double.doubleToRawLongBits(r);
        }
        return divFirst(a, b, s);
    }

    private static long divFirst(long a, long b, FpStatus s) {
        double x = Double.longBitsToDouble(a);
        double y = Double.longBitsToDouble(b);
        double r = x / y;
        if (r == 0 && x == 0) {
            return Double.doubleToRawLongBits(r);
        }
        if (s.rm == FpStatus.RNE
                && Math.abs(x) >= RESIDUAL_SAFE
                && Math.abs(r) > Double.MIN_NORMAL
                && Math.abs(r) <= Double.MAX_VALUE
                && Math.abs(y) <= Double.MAX_VALUE) {
            if (Math.fma(-r, y, x) != 0) {
                s.flags |= FpStatus.NX;
            }
            return Double.doubleToRawLongBits(r);
        }
        return SoftArithmetic.div(F, a, b, s);
    }

    public static long sqrt(long a, FpStatus s) {
        double r = Math.sqrt(Double.longBitsToDouble(a));
        if (s.keeps(r)) {
            return Double.doubleToRawLongBits(r);
        }
        return sqrtFirst(a, s);
    }

    private static long sqrtFirst(long a, FpStatus s) {
        double x = Double.longBitsToDouble(a);
        double r = Math.sqrt(x);
        if (s.rm == FpStatus.RNE && x >= RESIDUAL_SAFE && x <= Double.MAX_VALUE) {
            if (Math.fma(-r, r, x) != 0) {
                s.flags |= FpStatus.NX;
            }
            return Double.doubleToRawLongBits(r);
        }
        return SoftArithmetic.sqrt(F, a, s);
    }

    /** {@code a * b + c}, rounded once. Its negated kin are this one with the signs of {@code a} and {@code c} flipped. */
    public static long fma(long a, long b, long c, FpStatus s) {
        double r = fma(a, b, c);
        if (s.keeps(r)) {
            return Double.doubleToRawLongBits(r);
        }
        return fmaFirst(a, b, c, s);
    }

    private static double fma(long a, long b, long c) {
        return Math.fma(Double.longBitsToDouble(a), Double.longBitsToDouble(b), Double.longBitsToDouble(c));
    }

    private static long fmaFirst(long a, long b, long c, FpStatus s) {
        double x = Double.longBitsToDouble(a);
        double y = Double.longBitsToDouble(b);
        double product = x * y;
        double r = fma(a, b, c);
        boolean safe =
                Math.abs(product) >= RESIDUAL_SAFE && Math.abs(product) <= SUM_SAFE && Math.fma(x, y, -product) == 0;
        if (s.rm == FpStatus.RNE && (safe || product == 0 && (x == 0 || y == 0)) && Math.abs(r) <= SUM_SAFE) {
            // The product is exact, so that the sum below is the whole operation, and sums never underflow.
            if (sumError(product, Double.longBitsToDouble(c), r) != 0) {
                s.flags |= FpStatus.NX;
            }
            return Double.doubleToRawLongBits(r);
        }
        return SoftArithmetic.fma(F, a, b, c, s);
    }

    /** The exact {@code a + b - sum}, where {@code sum} is a + b rounded to nearest. */
    static double sumError(double a, double b, double sum) {
        double bInSum = sum - a;
        return a - (sum - bInSum) + (b - bInSum);
    }

    /** The smaller number; a quiet NaN gives way, -0 is below +0. */
    public static long min(long a, long b, FpStatus s) {
        int order = order(a, b);
        return order < 0 ? a : order > 0 ? b : extremum(a, b, false, s);
    }

    /** The larger number; a quiet NaN gives way, -0 is below +0. */
    public static long max(long a, long b, FpStatus s) {
        int order = order(a, b);
        return order > 0 ? a : order < 0 ? b : extremum(a, b, true, s);
    }

    private static long extremum(long a, long b, boolean larger, FpStatus s) {
        return SoftComparison.extremum(F, a, b, larger, s);
    }

    private static int order(long a, long b) {
        return order(Double.longBitsToDouble(a), Double.longBitsToDouble(b));
    }

    /** -1 or 1, or 0 if equal or unordered. */
    static int order(double x, double y) {
        return x < y ? -1 : x > y ? 1 : 0;
    }

    /** 1 if equal, else 0; only a signalling NaN is invalid. */
    public static int eq(long a, long b, FpStatus s) {
        return Double.longBitsToDouble(a) == Double.longBitsToDouble(b) ? 1 : unequal(a, b, s);
    }

    private static int unequal(long a, long b, FpStatus s) {
        if (F.isSignalling(a) || F.isSignalling(b)) {
            s.flags |= FpStatus.NV;
        }
        return 0;
    }

    /** 1 if a is less than b, else 0; any NaN is invalid. */
    public static int lt(long a, long b, FpStatus s) {
        return lt(Double.longBitsToDouble(a), Double.longBitsToDouble(b), s);
    }

    /** 1 if a is at most b, else 0; any NaN is invalid. */
    public static int le(long a, long b, FpStatus s) {
        return le(Double.longBitsToDouble(a), Double.longBitsToDouble(b), s);
    }

    static int lt(double x, double y, FpStatus s) {
        return x < y ? 1 : x >= y ? 0 : unordered(s);
    }

    static int le(double x, double y, FpStatus s) {
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
        return truncatesBelow(0x1p31, d, s) ? truncate(d, s) : toInt32Otherwise(a, s);
    }

    private static long toInt32Otherwise(long a, FpStatus s) {
        return SoftConversion.toInteger(F, a, Integer.MIN_VALUE, Integer.MAX_VALUE, s);
    }

    /** What a cast in C becomes: the mode is RTZ and the number fits. */
    static boolean truncatesBelow(double limit, double d, FpStatus s) {
        return s.rm == FpStatus.RTZ && Math.abs(d) < limit;
    }

    static long truncate(double d, FpStatus s) {
        long i = (long) d;
        s.flags |= i == d ? 0 : FpStatus.NX;
        return i;
    }

    /** To an unsigned 32-bit integer, sign-extended from bit 31 as RV64 registers hold it. */
    public static long toUint32(long a, FpStatus s) {
        return (int) SoftConversion.toInteger(F, a, 0, 0xffff_ffffL, s);
    }

    /** To a signed 64-bit integer. */
    public static long toInt64(long a, FpStatus s) {
        double d = Double.longBitsToDouble(a);
        return truncatesBelow(0x1p63, d, s) ? truncate(d, s) : toInt64Otherwise(a, s);
    }

    private static long toInt64Otherwise(long a, FpStatus s) {
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
        return Math.abs(v) <= Float.MAX_VALUE ? Double.doubleToRawLongBits(v) : fromSpecialF32(a, s);
    }

    private static long fromSpecialF32(int a, FpStatus s) {
        return SoftConversion.convert(Format.BINARY32, F, Integer.toUnsignedLong(a), s);
    }
}
