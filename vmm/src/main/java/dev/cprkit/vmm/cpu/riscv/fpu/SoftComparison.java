package dev.cprkit.vmm.cpu.riscv.fpu;

/** Comparisons, minimum, maximum and classes, by the order of the raw bits. Raw bits are zero-extended. */
final class SoftComparison {
    private SoftComparison() {}

    /** Whether a is less than b; neither is a NaN; -0 counts as less than +0. */
    private static boolean below(Format f, long a, long b) {
        boolean negative = f.negative(a);
        if (negative != f.negative(b)) {
            return negative;
        }
        return negative ? f.magnitude(a) > f.magnitude(b) : f.magnitude(a) < f.magnitude(b);
    }

    /** The smaller one, or the larger one: minimumNumber and maximumNumber of IEEE 754-2019, section 9.6. */
    static long extremum(Format f, long a, long b, boolean larger, FpStatus s) {
        if (f.isSignalling(a) || f.isSignalling(b)) {
            s.flags |= FpStatus.NV;
        }
        if (f.isNan(a)) {
            return f.isNan(b) ? f.canonicalNan : b;
        }
        if (f.isNan(b)) {
            return a;
        }
        return below(f, a, b) != larger ? a : b;
    }

    /** The one bit of {@code fclass} (unprivileged manual, table "Format of result of FCLASS"), 1 to 512. */
    static int classify(Format f, long a) {
        if (f.isNan(a)) {
            return f.isSignalling(a) ? 1 << 8 : 1 << 9;
        }
        int rank = f.isInfinite(a) ? 3 : f.magnitude(a) > f.fractionMask ? 2 : f.isZero(a) ? 0 : 1;
        return f.negative(a) ? 1 << (3 - rank) : 1 << (4 + rank);
    }
}
