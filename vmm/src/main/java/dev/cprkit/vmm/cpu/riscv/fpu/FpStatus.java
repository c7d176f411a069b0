package dev.cprkit.vmm.cpu.riscv.fpu;

/**
 * What one hart's floating-point operations read and write beside their operands: the rounding mode of the
 * instruction at hand and the accrued exceptions ({@code fflags}). Owned by the hart, touched by its vCPU thread only.
 *
 * <p>Source: RISC-V unprivileged manual, chapter "F", section "Floating-Point Control and Status Register".
 */
public final class FpStatus {
    /** Round to nearest, ties to even. */
    public static final int RNE = 0;
    /** Round towards zero. */
    public static final int RTZ = 1;
    /** Round down, towards minus infinity. */
    public static final int RDN = 2;
    /** Round up, towards plus infinity. */
    public static final int RUP = 3;
    /** Round to nearest, ties away from zero. */
    public static final int RMM = 4;

    /** Inexact. */
    public static final int NX = 1;
    /** Underflow. */
    public static final int UF = 2;
    /** Overflow. */
    public static final int OF = 4;
    /** Division by zero. */
    public static final int DZ = 8;
    /** Invalid operation. */
    public static final int NV = 16;

    /** The rounding mode of the next operation, {@link #RNE} to {@link #RMM}; the caller resolves DYN and refuses 5 and 6. */
    public int rm;

    /** The accrued exceptions, {@link #NX} to {@link #NV}; operations only ever set bits. */
    public int flags;

    /**
     * Whether host arithmetic, which rounds to nearest even and reports nothing, may stand for an operation that at most
     * raises inexact: the mode is RNE (0) and inexact is set already. One comparison for both.
     */
    boolean hostMayRound() {
        return (flags & NX) > rm;
    }

    /** Whether the host's sum may stand: finite, for sums are exact where they are tiny. */
    boolean keepsSum(double r) {
        return hostMayRound() && Math.abs(r) <= Double.MAX_VALUE;
    }

    /** Whether the host's sum may stand. */
    boolean keepsSum(float r) {
        return hostMayRound() && Math.abs(r) <= Float.MAX_VALUE;
    }

    /**
     * Whether any host result may stand: finite, and not tiny however it was rounded, for the least normal number may have
     * been reached by rounding up.
     */
    boolean keeps(double r) {
        return hostMayRound() && Math.abs(r) > Double.MIN_NORMAL && Math.abs(r) <= Double.MAX_VALUE;
    }

    /** Whether any host result may stand. */
    boolean keeps(float r) {
        return hostMayRound() && Math.abs(r) > Float.MIN_NORMAL && Math.abs(r) <= Float.MAX_VALUE;
    }
}
