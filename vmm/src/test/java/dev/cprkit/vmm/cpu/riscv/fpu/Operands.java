package dev.cprkit.vmm.cpu.riscv.fpu;

import java.util.SplittableRandom;

/** Operands of every class, those that sit beside an edge above all; raw bits, zero-extended. */
final class Operands {
    private final SplittableRandom random;
    private final int fraction;
    private final int exponentBits;

    Operands(long seed, int fraction, int exponentBits) {
        random = new SplittableRandom(seed);
        this.fraction = fraction;
        this.exponentBits = exponentBits;
    }

    /** One of each class and both sides of each edge, with both signs. */
    long[] edges() {
        long one = (long) ((1 << (exponentBits - 1)) - 1) << fraction;
        long infinity = (long) ((1 << exponentBits) - 1) << fraction;

        long normal = 1L << fraction;
        long quiet = 1L << (fraction - 1);
        long[] positive = {
            0,
            1,
            2,
            3,
            normal - 1,
            normal,
            normal + 1,
            2 * normal,
            2 * normal - 1,
            one - 1,
            one,
            one + 1,
            one + quiet,
            one - normal,
            one + normal,
            one + normal + quiet,
            one + 31 * normal,
            one + 31 * normal - 1,
            one + 32 * normal,
            one + 63 * normal,
            one + 63 * normal - 1,
            one + 64 * normal,
            one + fraction * normal + 1,
            infinity - normal,
            infinity - 1,
            infinity,
            infinity + 1,
            infinity + quiet - 1,
            infinity + quiet,
            infinity + quiet + 5,
            infinity + normal - 1
        };
        long[] all = new long[2 * positive.length];
        for (int i = 0; i < positive.length; i++) {
            all[2 * i] = positive[i];
            all[2 * i + 1] = positive[i] | 1L << (fraction + exponentBits);
        }
        return all;
    }

    /** Random in sign, in exponent (near {@code close}'s half of the time), and in how many bits of its fraction are used. */
    long next(long close) {
        int max = (1 << exponentBits) - 1;
        int exponent =
                switch (random.nextInt(8)) {
                    case 0 -> random.nextInt(3);
                    case 1 -> max - random.nextInt(3);
                    case 2 -> max / 2 + random.nextInt(-70, 71);
                    case 3 -> random.nextInt(max + 1);
                    default ->
                        Math.clamp((close >>> fraction & max) + random.nextInt(-fraction - 4, fraction + 5), 0, max);
                };
        long bits = random.nextLong() & (1L << fraction) - 1;
        bits = switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> bits & -(1L << random.nextInt(fraction));
            case 2 -> (1L << fraction) - (1L << random.nextInt(fraction + 1));
            case 3 -> bits & (1L << random.nextInt(1, fraction)) - 1;
            default -> bits;
        };
        return (random.nextLong() & 1) << (fraction + exponentBits) | (long) exponent << fraction | bits;
    }

    /** As {@link #next}, from nowhere near. */
    long next() {
        return next(random.nextLong());
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    /** An integer of any length. */
    long integer() {
        long i = random.nextLong() >> random.nextInt(64);
        return switch (random.nextInt(4)) {
            case 0 -> i & -1L << random.nextInt(64);
            case 1 -> i + random.nextInt(-2, 3) << random.nextInt(64);
            default -> i;
        };
    }
}
