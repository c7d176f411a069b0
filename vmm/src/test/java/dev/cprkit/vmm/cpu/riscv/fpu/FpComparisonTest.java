package dev.cprkit.vmm.cpu.riscv.fpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Comparisons, minimum, maximum, classes, and the table of out-of-range conversions, case by case. */
final class FpComparisonTest {
    private static final long NAN = 0x7ff8_0000_0000_0000L;
    private static final long SIGNALLING = 0x7ff0_0000_0000_0001L;
    private static final long ONE = Double.doubleToRawLongBits(1);
    private static final long MINUS_ZERO = Long.MIN_VALUE;
    private static final int NAN32 = 0x7fc0_0000;
    private static final int SIGNALLING32 = 0xff80_0001;
    private static final int ONE32 = Float.floatToRawIntBits(1);

    private final FpStatus s = new FpStatus();

    @Test
    void minimumAndMaximumPassOverNansAndOrderZeros() {
        assertThat(Fp64.min(NAN | 5, ONE, s)).isEqualTo(ONE);
        assertThat(Fp64.max(ONE, NAN | 5, s)).isEqualTo(ONE);
        assertThat(Fp64.max(NAN | 5, -1, s)).isEqualTo(NAN);
        assertThat(Fp64.min(0, MINUS_ZERO, s)).isEqualTo(MINUS_ZERO);
        assertThat(Fp64.max(MINUS_ZERO, 0, s)).isZero();
        assertThat(Fp32.min(0, Integer.MIN_VALUE, s)).isEqualTo(Integer.MIN_VALUE);
        assertThat(Fp32.max(Integer.MIN_VALUE, 0, s)).isZero();
        assertThat(Fp32.max(-1, NAN32 | 9, s)).isEqualTo(NAN32);
        assertThat(s.flags).isZero();
        assertThat(Fp64.min(SIGNALLING, ONE, s)).isEqualTo(ONE);
        assertThat(s.flags).isEqualTo(FpStatus.NV);
        s.flags = 0;
        assertThat(Fp32.max(ONE32, SIGNALLING32, s)).isEqualTo(ONE32);
        assertThat(s.flags).isEqualTo(FpStatus.NV);
    }

    @Test
    void numbersOrderAsTheHostOrdersThem() {
        Operands operands = new Operands(7, 52, 11);
        for (int i = 0; i < 100_000; i++) {
            long a = operands.next();
            long b = i % 10 == 0 ? a : operands.next(a);
            double x = Double.longBitsToDouble(a);
            double y = Double.longBitsToDouble(b);
            s.flags = 0;
            assert64(Fp64.eq(a, b, s) == 1, x == y, a, b);
            boolean signalling = quietBitClear(a, x) || quietBitClear(b, y);
            assert64(s.flags == FpStatus.NV, signalling, a, b);
            assert64(Fp64.lt(a, b, s) == 1, x < y, a, b);
            assert64(Fp64.le(a, b, s) == 1, x <= y, a, b);
            assert64(s.flags == FpStatus.NV, Double.isNaN(x) || Double.isNaN(y), a, b);
            if (!Double.isNaN(x) && !Double.isNaN(y)) {
                assertThat(Fp64.min(a, b, s)).isEqualTo(Double.doubleToRawLongBits(Math.min(x, y)));
                assertThat(Fp64.max(a, b, s)).isEqualTo(Double.doubleToRawLongBits(Math.max(x, y)));
            }
        }
    }

    private static boolean quietBitClear(long bits, double x) {
        return Double.isNaN(x) && (bits & 1L << 51) == 0;
    }

    private static void assert64(boolean actual, boolean expected, long a, long b) {
        if (actual != expected) {
            assertThat(actual).as("%x %x", a, b).isEqualTo(expected);
        }
    }

    @Test
    void singlesCompareQuietlyForEqualityOnly() {
        assertThat(Fp32.eq(ONE32, ONE32, s)).isOne();
        assertThat(Fp32.eq(0, Integer.MIN_VALUE, s)).isOne();
        assertThat(Fp32.eq(NAN32, NAN32, s)).isZero();
        assertThat(Fp32.lt(0, ONE32, s)).isOne();
        assertThat(Fp32.lt(ONE32, ONE32, s)).isZero();
        assertThat(Fp32.le(ONE32, ONE32, s)).isOne();
        assertThat(Fp32.le(ONE32, 0, s)).isZero();
        assertThat(s.flags).isZero();
        assertThat(Fp32.eq(SIGNALLING32, ONE32, s)).isZero();
        assertThat(s.flags).isEqualTo(FpStatus.NV);
        s.flags = 0;
        assertThat(Fp32.lt(NAN32, ONE32, s)).isZero();
        assertThat(s.flags).isEqualTo(FpStatus.NV);
        s.flags = 0;
        assertThat(Fp32.le(ONE32, NAN32, s)).isZero();
        assertThat(s.flags).isEqualTo(FpStatus.NV);
    }

    @Test
    void classes() {
        List<Double> ascending = List.of(
                Double.NEGATIVE_INFINITY,
                -1.0,
                -Double.MIN_VALUE,
                -0.0,
                0.0,
                Double.MIN_VALUE,
                1.0,
                Double.POSITIVE_INFINITY);
        for (int i = 0; i < ascending.size(); i++) {
            assertThat(Fp64.classify(Double.doubleToRawLongBits(ascending.get(i))))
                    .isEqualTo(1 << i);
        }
        List<Float> singles = List.of(
                Float.NEGATIVE_INFINITY, -1f, -Float.MIN_VALUE, -0f, 0f, Float.MIN_VALUE, 1f, Float.POSITIVE_INFINITY);
        for (int i = 0; i < singles.size(); i++) {
            assertThat(Fp32.classify(Float.floatToRawIntBits(singles.get(i)))).isEqualTo(1 << i);
        }
        assertThat(Fp64.classify(SIGNALLING)).isEqualTo(256);
        assertThat(Fp64.classify(-1)).isEqualTo(512);
        assertThat(Fp32.classify(SIGNALLING32)).isEqualTo(256);
        assertThat(Fp32.classify(-1)).isEqualTo(512);
    }

    @Test
    void conversionsSaturateAndAreInvalidWithoutBeingInexact() {
        s.rm = FpStatus.RTZ;
        assertThat(Fp64.toInt32(bits(1e10), s)).isEqualTo(Integer.MAX_VALUE);
        assertThat(Fp64.toInt32(bits(-1e10), s)).isEqualTo(Integer.MIN_VALUE);
        assertThat(Fp64.toInt32(NAN, s)).isEqualTo(Integer.MAX_VALUE);
        assertThat(Fp64.toUint32(bits(1e10), s)).isEqualTo(-1);
        assertThat(Fp64.toUint32(bits(-1), s)).isZero();
        assertThat(Fp64.toInt64(SIGNALLING, s)).isEqualTo(Long.MAX_VALUE);
        assertThat(Fp64.toUint64(NAN, s)).isEqualTo(-1);
        assertThat(Fp64.toUint64(bits(Double.NEGATIVE_INFINITY), s)).isZero();
        assertThat(Fp64.toUint32(-1, s)).isEqualTo(-1);
        assertThat(s.flags).isEqualTo(FpStatus.NV);
        s.flags = 0;
        assertThat(Fp64.toUint32(bits(-0.75), s)).isZero();
        assertThat(Fp64.toUint32(bits(3e9 + 0.5), s)).isEqualTo(3_000_000_000L - (1L << 32));
        assertThat(Fp64.toInt32(bits(-2147483648.5), s)).isEqualTo(Integer.MIN_VALUE);
        assertThat(s.flags).isEqualTo(FpStatus.NX);
    }

    private static long bits(double d) {
        return Double.doubleToRawLongBits(d);
    }
}
