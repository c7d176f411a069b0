package dev.cprkit.it.cpu;

import java.util.SplittableRandom;

/** Register contents that matter: numbers beside powers of two, floating-point numbers of every class, boxed and not. */
final class Values {
    private static final long[] DOUBLES = {
        0,
        1,
        0xfffffffffffffL,
        0x10000000000000L,
        0x10000000000001L,
        0x3ff0000000000000L,
        0x3ff0000000000001L,
        0x3fefffffffffffffL,
        0x3fe0000000000000L,
        0x3ff8000000000000L,
        0x4000000000000000L,
        0x41dfffffffc00000L,
        0x41e0000000000000L,
        0x41efffffffe00000L,
        0x43e0000000000000L,
        0x43dfffffffffffffL,
        0x43f0000000000000L,
        0x3810000000000000L,
        0x380fffffffffffffL,
        0x47efffffe0000000L,
        0x47effffff0000000L,
        0x7fefffffffffffffL,
        0x7ff0000000000000L,
        0x7ff0000000000001L,
        0x7ff8000000000000L,
        0x7fffffffffffffffL,
        0x0008000000000000L
    };
    private static final int[] FLOATS = {
        0,
        1,
        0x7fffff,
        0x800000,
        0x800001,
        0x3f800000,
        0x3f800001,
        0x3f7fffff,
        0x3f000000,
        0x3fc00000,
        0x40000000,
        0x4effffff,
        0x4f000000,
        0x4f7fffff,
        0x4f800000,
        0x5effffff,
        0x5f000000,
        0x5f800000,
        0x7f7fffff,
        0x7f800000,
        0x7f800001,
        0x7fc00000,
        0x7fffffff,
        0x400000
    };

    private final SplittableRandom random;

    Values(SplittableRandom random) {
        this.random = random;
    }

    long integer() {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextInt(-3, 4);
            case 1 -> (1L << random.nextInt(64)) + random.nextInt(-1, 2);
            case 2 -> -(1L << random.nextInt(64)) + random.nextInt(-1, 2);
            case 3 -> random.nextInt();
            case 4 -> random.nextLong() >> random.nextInt(64);
            case 5 -> floating();
            default -> random.nextLong();
        };
    }

    long floating() {
        return switch (random.nextInt(8)) {
            case 0, 1 -> DOUBLES[random.nextInt(DOUBLES.length)] | sign() << 63;
            case 2, 3 -> boxed(FLOATS[random.nextInt(FLOATS.length)] | (int) sign() << 31);
            case 4 -> boxed(random.nextInt(0x6f, 0x90) << 23 | random.nextInt(1 << 23) | (int) sign() << 31);
            case 5 -> boxed(random.nextInt());
            case 6 -> (long) random.nextInt(0x3c0, 0x440) << 52 | random.nextLong() >>> 12 | sign() << 63;
            default -> random.nextLong();
        };
    }

    private long boxed(int bits) {
        return random.nextInt(12) == 0
                ? random.nextLong() << 32 | bits & 0xffff_ffffL
                : -1L << 32 | bits & 0xffff_ffffL;
    }

    private long sign() {
        return random.nextLong() & 1;
    }
}
