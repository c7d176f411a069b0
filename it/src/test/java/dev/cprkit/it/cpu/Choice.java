package dev.cprkit.it.cpu;

import java.util.SplittableRandom;

/**
 * Random choices, and the parts that registers play so that results stay telling: x2, x8 and x9 point into the block's
 * data and f0 to f7 hold what they were given; they are seldom written. x5, for jumps, x6 and x7 point to places that
 * fault or nearly do, and x4 counts. All others take results.
 */
final class Choice {
    static final int[] GOOD = {2, 8, 9};
    static final int[] WILD = {6, 7};
    static final int AWAY = 5;
    private static final int[] COMPUTED = {
        1, 3, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    };

    private final SplittableRandom random;

    Choice(SplittableRandom random) {
        this.random = random;
    }

    boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    int between(int from, int to) {
        return random.nextInt(from, to);
    }

    int bits() {
        return random.nextInt();
    }

    long longBits() {
        return random.nextLong();
    }

    int any(int... of) {
        return of[random.nextInt(of.length)];
    }

    /** Where a result goes: seldom x0. */
    int rd() {
        return chance(30) ? 0 : computed();
    }

    int computed() {
        return any(COMPUTED);
    }

    /** A computed one that no unit uses for addresses. */
    int high() {
        return between(16, 32);
    }

    /** A computed one that units use for addresses. */
    int pointer() {
        return between(10, 16);
    }

    int rs() {
        return random.nextInt(32);
    }

    int fd() {
        return between(8, 32);
    }

    int base() {
        return chance(12) ? any(WILD) : any(GOOD);
    }

    /** One of x8 to x15 that takes results, as its three bits. */
    int compressedRd() {
        return between(2, 8);
    }

    int immediate() {
        return chance(2) ? bits() : between(-4, 5);
    }

    /** From a good base, within the block's data. */
    int offset() {
        int offset = between(-0x200, 0x1f8);
        return chance(12) ? offset : offset & -8;
    }
}
