package dev.cprkit.vmm.cpu.riscv.fpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both formats against {@link ExactReference}: every operation, every rounding mode, with and without inexact set. */
final class FpReferenceTest {
    private static final long SEED = Long.getLong("cprkit.fpu.seed", 20_261_120L);
    private static final int ROUNDS = Integer.getInteger("cprkit.fpu.rounds", 40_000);
    private static final String[] OPERATIONS = {
        "add", "sub", "mul", "div", "sqrt", "fma", "toInt32", "toUint32", "toInt64", "toUint64", "fromOther"
    };

    private final FpStatus status = new FpStatus();
    private final ExactReference single = new ExactReference(23, 8);
    private final ExactReference whole = new ExactReference(52, 11);

    @ParameterizedTest
    @ValueSource(ints = {32, 64})
    void everyPairOfEdgesInEveryMode(int width) {
        Operands operands = operands(width);
        long[] edges = operands.edges();
        for (long a : edges) {
            for (long b : edges) {
                for (String operation : OPERATIONS) {
                    check(width, operation, a, b, edges[operands.below(edges.length)], operands.below(5));
                }
            }
        }
        for (long a : edges) {
            for (int rm = 0; rm < 5; rm++) {
                for (String operation : OPERATIONS) {
                    check(width, operation, a, edges[operands.below(edges.length)], a, rm);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 64})
    void randomOperandsInEveryMode(int width) {
        Operands operands = operands(width);
        for (int i = 0; i < ROUNDS; i++) {
            long a = operands.next();
            long b = operands.next(a);
            long c = operands.next(a);
            for (String operation : OPERATIONS) {
                check(width, operation, a, b, c, i % 3 == 0 ? 0 : operands.below(5));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 64})
    void sumsThatCancelAProduct(int width) {
        Operands operands = operands(width);
        for (int i = 0; i < ROUNDS; i++) {
            long a = operands.next();
            long b = operands.next();
            status.rm = 0;
            long product = width == 32 ? wide(Fp32.mul((int) a, (int) b, status)) : Fp64.mul(a, b, status);
            long opposite = product + operands.below(3) - 1 ^ 1L << (width - 1);
            check(width, "fma", a, b, opposite & -1L >>> (64 - width), i % 5);
        }
    }

    @Test
    void integersOfAnyLength() {
        Operands operands = operands(64);
        for (int i = 0; i < 4 * ROUNDS; i++) {
            long value = operands.integer();
            int rm = i % 5;
            for (int nx = 0; nx < 2; nx++) {
                BigInteger asSigned = BigInteger.valueOf(value);
                BigInteger asUnsigned = new BigInteger(Long.toUnsignedString(value));
                BigInteger intSigned = BigInteger.valueOf(value << 32 >> 32);
                BigInteger intUnsigned = BigInteger.valueOf(wide((int) value));
                start(rm, nx);
                expect("l to d", value, whole.fromInteger(asSigned, rm), Fp64.fromInt64(value, status));
                expect("lu to d", value, whole.fromInteger(asUnsigned, rm), Fp64.fromUint64(value, status));
                expect("w to d", value, whole.fromInteger(intSigned, rm), Fp64.fromInt32((int) value, status));
                expect("wu to d", value, whole.fromInteger(intUnsigned, rm), Fp64.fromUint32((int) value, status));
                assertThat(status.flags).isEqualTo(whole.flags | nx);
                start(rm, nx);
                expect("l to s", value, single.fromInteger(asSigned, rm), wide(Fp32.fromInt64(value, status)));
                expect("lu to s", value, single.fromInteger(asUnsigned, rm), wide(Fp32.fromUint64(value, status)));
                expect("w to s", value, single.fromInteger(intSigned, rm), wide(Fp32.fromInt32((int) value, status)));
                expect(
                        "wu to s",
                        value,
                        single.fromInteger(intUnsigned, rm),
                        wide(Fp32.fromUint32((int) value, status)));
                assertThat(status.flags).isEqualTo(single.flags | nx);
            }
        }
    }

    private void check(int width, String operation, long a, long b, long c, int rm) {
        for (int nx = 0; nx < 2; nx++) {
            start(rm, nx);
            ExactReference f = width == 32 ? single : whole;
            long expected =
                    switch (operation) {
                        case "add" -> f.add(a, b, rm);
                        case "sub" -> f.add(a, b ^ 1L << (width - 1), rm);
                        case "mul" -> f.mul(a, b, rm);
                        case "div" -> f.div(a, b, rm);
                        case "sqrt" -> f.sqrt(a, rm);
                        case "fma" -> f.fma(a, b, c, rm);
                        case "toInt32" -> toInteger(f, a, -1L << 31, (1L << 31) - 1, rm);
                        case "toUint32" -> (int) toInteger(f, a, 0, (1L << 32) - 1, rm);
                        case "toInt64" -> toInteger(f, a, Long.MIN_VALUE, Long.MAX_VALUE, rm);
                        case "toUint64" ->
                            f.toInteger(
                                            a,
                                            BigInteger.ZERO,
                                            BigInteger.TWO.pow(64).subtract(BigInteger.ONE),
                                            rm)
                                    .longValue();
                        case "fromOther" -> f.convertFrom(width == 32 ? whole : single, other(width, a), rm);
                        default -> throw new IllegalArgumentException(operation);
                    };
            long actual = width == 32
                    ? run32(operation, (int) a, (int) b, (int) c, other(width, a))
                    : run64(operation, a, b, c);
            if (expected != actual || (f.flags | nx) != status.flags) {
                assertThat("%x flags %x".formatted(actual, status.flags))
                        .as("%s of %d bits, %x %x %x, mode %d, inexact before %d", operation, width, a, b, c, rm, nx)
                        .isEqualTo("%x flags %x".formatted(expected, f.flags | nx));
            }
        }
    }

    /** Operands of the other width for conversions: near the single format's range, or the upper half of a double. */
    private static long other(int width, long a) {
        return width == 32
                ? (a >>> 31 & 1) << 63 | ((a >>> 23 & 0xff) + 1023 - 150 << 52) + (a << 29 & (1L << 52) - 1) + (a & 3)
                : a >>> 32;
    }

    private long run64(String operation, long a, long b, long c) {
        return switch (operation) {
            case "add" -> Fp64.add(a, b, status);
            case "sub" -> Fp64.sub(a, b, status);
            case "mul" -> Fp64.mul(a, b, status);
            case "div" -> Fp64.div(a, b, status);
            case "sqrt" -> Fp64.sqrt(a, status);
            case "fma" -> Fp64.fma(a, b, c, status);
            case "toInt32" -> Fp64.toInt32(a, status);
            case "toUint32" -> Fp64.toUint32(a, status);
            case "toInt64" -> Fp64.toInt64(a, status);
            case "toUint64" -> Fp64.toUint64(a, status);
            case "fromOther" -> Fp64.fromF32((int) other(64, a), status);
            default -> throw new IllegalArgumentException(operation);
        };
    }

    private long run32(String operation, int a, int b, int c, long other) {
        return switch (operation) {
            case "add" -> wide(Fp32.add(a, b, status));
            case "sub" -> wide(Fp32.sub(a, b, status));
            case "mul" -> wide(Fp32.mul(a, b, status));
            case "div" -> wide(Fp32.div(a, b, status));
            case "sqrt" -> wide(Fp32.sqrt(a, status));
            case "fma" -> wide(Fp32.fma(a, b, c, status));
            case "toInt32" -> Fp32.toInt32(a, status);
            case "toUint32" -> Fp32.toUint32(a, status);
            case "toInt64" -> Fp32.toInt64(a, status);
            case "toUint64" -> Fp32.toUint64(a, status);
            case "fromOther" -> wide(Fp32.fromF64(other, status));
            default -> throw new IllegalArgumentException(operation);
        };
    }

    private static long toInteger(ExactReference f, long a, long min, long max, int rm) {
        return f.toInteger(a, BigInteger.valueOf(min), BigInteger.valueOf(max), rm)
                .longValueExact();
    }

    private void start(int rm, int nx) {
        status.rm = rm;
        status.flags = nx;
        single.flags = 0;
        whole.flags = 0;
    }

    private void expect(String what, long value, long expected, long actual) {
        if (expected != actual) {
            assertThat(Long.toHexString(actual))
                    .as("%s of %x, mode %d", what, value, status.rm)
                    .isEqualTo(Long.toHexString(expected));
        }
    }

    private static Operands operands(int width) {
        return width == 32 ? new Operands(SEED, 23, 8) : new Operands(SEED, 52, 11);
    }

    private static long wide(int bits) {
        return Integer.toUnsignedLong(bits);
    }
}
