package dev.cprkit.vmm.cpu.riscv.fpu;

/**
 * Single precision on raw bits, as the F extension defines it; {@link Fp64} tells how. Unboxing the 64-bit registers is the
 * caller's. Here exactness needs no error-free transformation: products, and the products of a quotient or a root with
 * itself, are exact in double precision.
 */
public final class Fp32 {
    private static final Format F = Format.BINARY32;

    private Fp32() {}

    public static int add(int a, int b, FpStatus s) {
        float r = Float.intBitsToFloat(a) + Float.intBitsToFloat(b);
        if (s.keepsSum(r)) {
            return Float.floatToRawIntBits(r);
        }
        return addFirst(a, b, s);
    }

    private static int addFirst(int a, int b, FpStatus s) {
        float x = Float.intBitsToFloat(a);
        float y = Float.intBitsToFloat(b);
        float r = x + y;
        if (s.rm == FpStatus.RNE && Math.abs(r) <= Float.MAX_VALUE) {
            if (Fp64.sumError(x, y, r) != 0) {
                s.flags |= FpStatus.NX;
            }
            return Float.floatToRawIntBits(r);
        }
        return (int) SoftArithmetic.add(F, wide(a), wide(b), s);
    }

    public static int sub(int a, int b, FpStatus s) {
        // The sign of a NaN is of no consequence.
        return add(a, b ^ Integer.MIN_VALUE, s);
    }

    public static int mul(int a, int b, FpStatus s) {
        float r = Float.intBitsToFloat(a) * Float.intBitsToFloat(b);
        if (s.keeps(r)) {
            return Float.floatToRawIntBits(r);
        }
        return mulFirst(a, b, s);
    }

    private static int mulFirst(int a, int b, FpStatus s) {
        float x = Float.intBitsToFloat(a);
        float y = Float.intBitsToFloat(b);
        float r = x * y;
        if (r == 0 && (x == 0 || y == 0)) {
            return Float.floatToRawIntBits(r);
        }
        if (s.rm == FpStatus.RNE && normal(r)) {
            if ((double) x * y != r) {
                s.flags |= FpStatus.NX;
            }
            return Float.floatToRawIntBits(r);
        }
        return (int) SoftArithmetic.mul(F, wide(a), wide(b), s);
    }

    public static int div(int a, int b, FpStatus s) {
        float r = Float.intBitsToFloat(a) / Float.intBitsToFloat(b);
        if (s.keeps(r)) {
            return Float.floatToRawIntBits(r);
        }
        return divFirst(a, b, s);
    }

    private static int divFirst(int a, int b, FpStatus s) {
        float x = Float.intBitsToFloat(a);
        float y = Float.intBitsToFloat(b);
        float r = x / y;
        if (r == 0 && x == 0) {
            return Float.floatToRawIntBits(r);
        }
        if (s.rm == FpStatus.RNE && normal(r)) {
            if ((double) r * y != x) {
                s.flags |= FpStatus.NX;
            }
            return Float.floatToRawIntBits(r);
        }
        return (int) SoftArithmetic.div(F, wide(a), wide(b), s);
    }

    public static int sqrt(int a, FpStatus s) {
        // Twice the precision and more before the second rounding: it cannot go wrong (Figueroa, 1995).
        float r = (float) Math.sqrt(Float.intBitsToFloat(a));
        if (s.keeps(r)) {
            return Float.floatToRawIntBits(r);
        }
        return sqrtFirst(a, s);
    }

    private static int sqrtFirst(int a, FpStatus s) {
        float v = Float.intBitsToFloat(a);
        float r = (float) Math.sqrt(v);
        if (s.rm == FpStatus.RNE && normal(r)) {
            if ((double) r * r != v) {
                s.flags |= FpStatus.NX;
            }
            return Float.floatToRawIntBits(r);
        }
        return (int) SoftArithmetic.sqrt(F, wide(a), s);
    }

    /** {@code a * b + c}, rounded once. Its negated kin are this one with the signs of {@code a} and {@code c} flipped. */
    public static int fma(int a, int b, int c, FpStatus s) {
        float r = fma(a, b, c);
        if (s.keeps(r)) {
            return Float.floatToRawIntBits(r);
        }
        return fmaFirst(a, b, c, s);
    }

    private static float fma(int a, int b, int c) {
        return Math.fma(Float.intBitsToFloat(a), Float.intBitsToFloat(b), Float.intBitsToFloat(c));
    }

    private static int fmaFirst(int a, int b, int c, FpStatus s) {
        float r = fma(a, b, c);
        if (s.rm == FpStatus.RNE && normal(r)) {
            double product = (double) Float.intBitsToFloat(a) * Float.intBitsToFloat(b);
            double sum = product + Float.intBitsToFloat(c);
            if (sum != r || Fp64.sumError(product, Float.intBitsToFloat(c), sum) != 0) {
                s.flags |= FpStatus.NX;
            }
            return Float.floatToRawIntBits(r);
        }
        return (int) SoftArithmetic.fma(F, wide(a), wide(b), wide(c), s);
    }

    /** See {@link FpStatus#keeps(float)}. */
    private static boolean normal(float r) {
        return Math.abs(r) > Float.MIN_NORMAL && Math.abs(r) <= Float.MAX_VALUE;
    }

    private static long wide(int bits) {
        return Integer.toUnsignedLong(bits);
    }

    /** The smaller number; a quiet NaN gives way, -0 is below +0. */
    public static int min(int a, int b, FpStatus s) {
        int order = order(a, b);
        return order < 0 ? a : order > 0 ? b : extremum(a, b, false, s);
    }

    /** The larger number; a quiet NaN gives way, -0 is below +0. */
    public static int max(int a, int b, FpStatus s) {
        int order = order(a, b);
        return order > 0 ? a : order < 0 ? b : extremum(a, b, true, s);
    }

    private static int order(int a, int b) {
        return Fp64.order(Float.intBitsToFloat(a), Float.intBitsToFloat(b));
    }

    private static int extremum(int a, int b, boolean larger, FpStatus s) {
        return (int) SoftComparison.extremum(F, wide(a), wide(b), larger, s);
    }

    /** 1 if equal, else 0; only a signalling NaN is invalid. */
    public static int eq(int a, int b, FpStatus s) {
        return Float.intBitsToFloat(a) == Float.intBitsToFloat(b) ? 1 : unequal(a, b, s);
    }

    private static int unequal(int a, int b, FpStatus s) {
        if (F.isSignalling(wide(a)) || F.isSignalling(wide(b))) {
            s.flags |= FpStatus.NV;
        }
        return 0;
    }

    /** 1 if a is less than b, else 0; any NaN is invalid. */
    public static int lt(int a, int b, FpStatus s) {
        return Fp64.lt(Float.intBitsToFloat(a), Float.intBitsToFloat(b), s);
    }

    /** 1 if a is at most b, else 0; any NaN is invalid. */
    public static int le(int a, int b, FpStatus s) {
        return Fp64.le(Float.intBitsToFloat(a), Float.intBitsToFloat(b), s);
    }

    /** The class mask of {@code fclass.s}. */
    public static int classify(int a) {
        return SoftComparison.classify(F, wide(a));
    }

    /** To a signed 32-bit integer, sign-extended. */
    public static long toInt32(int a, FpStatus s) {
        float v = Float.intBitsToFloat(a);
        return Fp64.truncatesBelow(0x1p31, v, s) ? Fp64.truncate(v, s) : toInt32Otherwise(a, s);
    }

    private static long toInt32Otherwise(int a, FpStatus s) {
        return SoftConversion.toInteger(F, wide(a), Integer.MIN_VALUE, Integer.MAX_VALUE, s);
    }

    /** To an unsigned 32-bit integer, sign-extended from bit 31 as RV64 registers hold it. */
    public static long toUint32(int a, FpStatus s) {
        return (int) SoftConversion.toInteger(F, wide(a), 0, 0xffff_ffffL, s);
    }

    /** To a signed 64-bit integer. */
    public static long toInt64(int a, FpStatus s) {
        float v = Float.intBitsToFloat(a);
        return Fp64.truncatesBelow(0x1p63, v, s) ? Fp64.truncate(v, s) : toInt64Otherwise(a, s);
    }

    private static long toInt64Otherwise(int a, FpStatus s) {
        return SoftConversion.toInteger(F, wide(a), Long.MIN_VALUE, Long.MAX_VALUE, s);
    }

    /** To an unsigned 64-bit integer. */
    public static long toUint64(int a, FpStatus s) {
        return SoftConversion.toInteger(F, wide(a), 0, -1, s);
    }

    /** From a signed 32-bit integer. */
    public static int fromInt32(int value, FpStatus s) {
        return fromInt64(value, s);
    }

    /** From an unsigned 32-bit integer. */
    public static int fromUint32(int value, FpStatus s) {
        return fromInt64(wide(value), s);
    }

    /** From a signed 64-bit integer. */
    public static int fromInt64(long value, FpStatus s) {
        if (value == value << 40 >> 40 || s.hostMayRound()) {
            return Float.floatToRawIntBits((float) value);
        }
        return (int) SoftConversion.fromSigned(F, value, s);
    }

    /** From an unsigned 64-bit integer. */
    public static int fromUint64(long value, FpStatus s) {
        if (value >>> 24 == 0) {
            return Float.floatToRawIntBits((float) value);
        }
        return (int) SoftConversion.fromUnsigned(F, value, s);
    }

    /** From double precision. */
    public static int fromF64(long a, FpStatus s) {
        float r = (float) Double.longBitsToDouble(a);
        if (s.keeps(r)) {
            return Float.floatToRawIntBits(r);
        }
        return fromF64First(a, s);
    }

    private static int fromF64First(long a, FpStatus s) {
        double d = Double.longBitsToDouble(a);
        float r = (float) d;
        if (r == d) {
            return Float.floatToRawIntBits(r);
        }
        if (s.rm == FpStatus.RNE && normal(r)) {
            s.flags |= FpStatus.NX;
            return Float.floatToRawIntBits(r);
        }
        return (int) SoftConversion.convert(Format.BINARY64, F, a, s);
    }
}
