package dev.cprkit.vmm.cpu.riscv;

/**
 * mcycle and minstret: both count retired instructions, each from an offset of its own, and stand still while
 * mcountinhibit says so. Owned by the hart's thread.
 */
final class Counters {
    private static final int WRITABLE = 5;

    private final RiscvHart hart;
    /** What is added to the hart's count of retired instructions; for an inhibited counter, its value. */
    long cycleBase;

    long instretBase;
    int inhibited;

    Counters(RiscvHart hart) {
        this.hart = hart;
    }

    void reset() {
        long now = hart.retiredBefore();
        cycleBase = -now;
        instretBase = -now;
        inhibited = 0;
    }

    long cycle() {
        return (inhibited & 1) != 0 ? cycleBase : cycleBase + hart.retiredBefore();
    }

    long instret() {
        return (inhibited & 4) != 0 ? instretBase : instretBase + hart.retiredBefore();
    }

    /** A write takes the place of the writing instruction's own increment. */
    void setCycle(long value) {
        cycleBase = (inhibited & 1) != 0 ? value : value - hart.retiredBefore() - 1;
    }

    void setInstret(long value) {
        instretBase = (inhibited & 4) != 0 ? value : value - hart.retiredBefore() - 1;
    }

    void inhibit(long bits) {
        long cycle = cycle();
        long instret = instret();
        inhibited = (int) bits & WRITABLE;
        long now = hart.retiredBefore();
        cycleBase = (inhibited & 1) != 0 ? cycle : cycle - now;
        instretBase = (inhibited & 4) != 0 ? instret : instret - now;
    }

    /** Takes a received value of mcycle, or of minstret, while the hart is stopped. */
    void load(long value, boolean cycle) {
        boolean frozen = (inhibited & (cycle ? 1 : 4)) != 0;
        long base = frozen ? value : value - hart.retiredBefore();
        if (cycle) {
            cycleBase = base;
        } else {
            instretBase = base;
        }
    }
}
