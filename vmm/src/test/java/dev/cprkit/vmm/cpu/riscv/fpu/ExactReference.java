package dev.cprkit.vmm.cpu.riscv.fpu;

import java.math.BigInteger;

/**
 * IEEE 754 by unlimited integers, written from the definitions and sharing nothing with the code under test: a finite
 * value is a sign and m * 2^e, an irrational or endless one is cut at 200 bits and given a last one for its tail.
 * Results are raw bits; exceptions accrue in {@link #flags}.
 */
final class ExactReference {
    private static final int TAIL = 200;

    private final int fraction;
    private final int emax;
    private final int bits;
    int flags;

    ExactReference(int fraction, int exponentBits) {
        this.fraction = fraction;
        emax = (1 << (exponentBits - 1)) - 1;
        bits = fraction + exponentBits;
    }

    private record Value(boolean negative, BigInteger m, int e) {
        BigInteger signed() {
            return negative ? m.negate() : m;
        }
    }

    long infinity() {
        return (2L * emax + 1) << fraction;
    }

    long nan() {
        return infinity() + (1L << (fraction - 1));
    }

    boolean negative(long x) {
        return (x >> bits & 1) == 1;
    }

    long abs(long x) {
        return negative(x) ? x ^ 1L << bits : x;
    }

    private long signed(boolean negative, long magnitude) {
        return negative ? magnitude | 1L << bits : magnitude;
    }

    boolean isNan(long x) {
        return abs(x) > infinity();
    }

    boolean isInfinite(long x) {
        return abs(x) == infinity();
    }

    private boolean signals(long x) {
        return isNan(x) && abs(x) < nan();
    }

    private Value value(long x) {
        int field = (int) (abs(x) >> fraction);
        long m = abs(x) % (1L << fraction) + (field == 0 ? 0 : 1L << fraction);
        return new Value(negative(x), BigInteger.valueOf(m), Math.max(field, 1) - emax - fraction);
    }

    private long invalid() {
        flags |= 16;
        return nan();
    }

    private long anyNan(long... operands) {
        for (long x : operands) {
            if (signals(x)) {
                flags |= 16;
            }
        }
        return nan();
    }

    long add(long a, long b, int rm) {
        return isNan(a) || isNan(b) ? anyNan(a, b) : sum(value(a), isInfinite(a), value(b), isInfinite(b), rm);
    }

    private long sum(Value a, boolean aInfinite, Value b, boolean bInfinite, int rm) {
        if (aInfinite || bInfinite) {
            if (aInfinite && bInfinite && a.negative != b.negative) {
                return invalid();
            }
            return signed(aInfinite ? a.negative : b.negative, infinity());
        }
        int e = Math.min(a.e, b.e);
        BigInteger m = a.signed().shiftLeft(a.e - e).add(b.signed().shiftLeft(b.e - e));
        boolean negative = m.signum() == 0 ? (a.negative == b.negative ? a.negative : rm == 2) : m.signum() < 0;
        return round(negative, m.abs(), e, rm);
    }

    long mul(long a, long b, int rm) {
        if (isNan(a) || isNan(b)) {
            return anyNan(a, b);
        }
        if (isInfinite(a) && abs(b) == 0 || isInfinite(b) && abs(a) == 0) {
            return invalid();
        }
        boolean negative = negative(a) != negative(b);
        if (isInfinite(a) || isInfinite(b)) {
            return signed(negative, infinity());
        }
        return round(negative, value(a).m.multiply(value(b).m), value(a).e + value(b).e, rm);
    }

    long fma(long a, long b, long c, int rm) {
        boolean bad = isInfinite(a) && abs(b) == 0 || isInfinite(b) && abs(a) == 0;
        if (bad) {
            return invalid();
        }
        if (isNan(a) || isNan(b) || isNan(c)) {
            return anyNan(a, b, c);
        }
        Value x = value(a);
        Value y = value(b);
        Value product = new Value(x.negative != y.negative, x.m.multiply(y.m), x.e + y.e);
        return sum(product, isInfinite(a) || isInfinite(b), value(c), isInfinite(c), rm);
    }

    long div(long a, long b, int rm) {
        if (isNan(a) || isNan(b)) {
            return anyNan(a, b);
        }
        boolean negative = negative(a) != negative(b);
        if (isInfinite(a) && isInfinite(b) || abs(a) == 0 && abs(b) == 0) {
            return invalid();
        }
        if (isInfinite(a)) {
            return signed(negative, infinity());
        }
        if (isInfinite(b)) {
            return signed(negative, 0);
        }
        if (abs(b) == 0) {
            flags |= 8;
            return signed(negative, infinity());
        }
        BigInteger[] q = value(a).m.shiftLeft(TAIL).divideAndRemainder(value(b).m);
        return round(negative, withTail(q[0], q[1]), value(a).e - value(b).e - TAIL - 1, rm);
    }

    long sqrt(long a, int rm) {
        if (isNan(a)) {
            return anyNan(a);
        }
        if (abs(a) == 0) {
            return a;
        }
        if (negative(a)) {
            return invalid();
        }
        if (isInfinite(a)) {
            return a;
        }
        int shift = 2 * TAIL + (value(a).e & 1);
        BigInteger[] root = value(a).m.shiftLeft(shift).sqrtAndRemainder();
        return round(false, withTail(root[0], root[1]), (value(a).e - shift) / 2 - 1, rm);
    }

    private static BigInteger withTail(BigInteger cut, BigInteger remainder) {
        BigInteger doubled = cut.shiftLeft(1);
        return remainder.signum() == 0 ? doubled : doubled.setBit(0);
    }

    long convertFrom(ExactReference source, long a, int rm) {
        if (source.isNan(a)) {
            flags |= source.signals(a) ? 16 : 0;
            return nan();
        }
        boolean negative = source.negative(a);
        return source.isInfinite(a)
                ? signed(negative, infinity())
                : round(negative, source.value(a).m, source.value(a).e, rm);
    }

    long fromInteger(BigInteger i, int rm) {
        return round(i.signum() < 0, i.abs(), 0, rm);
    }

    BigInteger toInteger(long a, BigInteger min, BigInteger max, int rm) {
        if (isNan(a) || isInfinite(a)) {
            flags |= 16;
            return isNan(a) || !negative(a) ? max : min;
        }
        BigInteger magnitude = toQuantum(negative(a), value(a).m, value(a).e, 0, rm);
        BigInteger i = negative(a) ? magnitude.negate() : magnitude;
        if (i.compareTo(min) < 0 || i.compareTo(max) > 0) {
            flags |= 16;
            return i.signum() < 0 ? min : max;
        }
        flags |= exact(value(a).m, value(a).e, 0) ? 0 : 1;
        return i;
    }

    /** m * 2^e in units of 2^quantum, rounded to an integer. */
    private static BigInteger toQuantum(boolean negative, BigInteger m, int e, int quantum, int rm) {
        if (e >= quantum) {
            return m.shiftLeft(e - quantum);
        }
        BigInteger down = m.shiftRight(quantum - e);
        BigInteger rest = m.subtract(down.shiftLeft(quantum - e));
        int half = rest.shiftLeft(1).compareTo(BigInteger.ONE.shiftLeft(quantum - e));
        boolean up = rest.signum() != 0
                && switch (rm) {
                    case 0 -> half > 0 || half == 0 && down.testBit(0);
                    case 1 -> false;
                    case 2 -> negative;
                    case 3 -> !negative;
                    case 4 -> half >= 0;
                    default -> throw new IllegalArgumentException("rounding mode " + rm);
                };
        return up ? down.add(BigInteger.ONE) : down;
    }

    private static boolean exact(BigInteger m, int e, int quantum) {
        return m.signum() == 0 || m.getLowestSetBit() + e >= quantum;
    }

    private long round(boolean negative, BigInteger m, int e, int rm) {
        if (m.signum() == 0) {
            return signed(negative, 0);
        }
        int free = m.bitLength() + e - 1 - fraction;
        int lowest = 1 - emax - fraction;
        int quantum = Math.max(free, lowest);
        BigInteger kept = toQuantum(negative, m, e, quantum, rm);
        if (!exact(m, e, quantum)) {
            BigInteger unbounded = toQuantum(negative, m, e, free, rm);
            boolean tiny = unbounded.bitLength() + free - 1 < 1 - emax;
            flags |= tiny ? 3 : 1;
        }
        if (kept.signum() == 0) {
            return signed(negative, 0);
        }
        int top = kept.bitLength() + quantum - 1;
        if (top > emax) {
            flags |= 5;
            boolean toInfinity = rm == 0 || rm == 4 || rm == (negative ? 2 : 3);
            return signed(negative, toInfinity ? infinity() : infinity() - 1);
        }
        if (kept.bitLength() > fraction + 1) {
            kept = kept.shiftRight(1);
            quantum++;
        }
        long stored = kept.longValueExact();
        return signed(negative, stored + ((long) (quantum - lowest) << fraction));
    }
}
