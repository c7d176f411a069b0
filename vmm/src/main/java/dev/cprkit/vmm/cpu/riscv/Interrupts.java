package dev.cprkit.vmm.cpu.riscv;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Which interrupts are pending: wires that devices drive from any thread, bits that software sets, and Sstc's timer.
 * All but {@link #line} and {@link #pendingNow} belongs to the hart's thread.
 */
final class Interrupts {
    static final long SSI = 1L << 1;
    static final long MSI = 1L << 3;
    static final long STI = 1L << 5;
    static final long MTI = 1L << 7;
    static final long SEI = 1L << 9;
    static final long MEI = 1L << 11;
    static final long SUPERVISOR = SSI | STI | SEI;
    static final long ALL = SUPERVISOR | MSI | MTI | MEI;

    /** Exception codes in order of priority. */
    private static final int[] PRIORITY = {11, 3, 7, 9, 1, 5};

    private final RiscvHart hart;
    private final AtomicLong lines = new AtomicLong();
    private boolean timerDue;

    Interrupts(RiscvHart hart) {
        this.hart = hart;
    }

    /** Drives a wire; true if that changed it. Any thread. */
    boolean line(int number, boolean level) {
        long bit = 1L << number;
        long old = level ? lines.getAndUpdate(v -> v | bit) : lines.getAndUpdate(v -> v & ~bit);
        return ((old & bit) != 0) != level;
    }

    long lines() {
        return lines.get();
    }

    void setLines(long levels) {
        lines.set(levels);
    }

    /** mip as software sees it. */
    long pending() {
        Csrs csrs = hart.csrs;
        long pending = lines.get() | csrs.softwarePending;
        return csrs.supervisorTimer() && timerDue ? pending | STI : pending;
    }

    /** As {@link #pending}, with the timer looked at afresh. Any thread. */
    long pendingNow() {
        long pending = lines.get() | hart.csrs.softwarePending;
        return due() ? pending | STI : pending;
    }

    /** Compares the time with stimecmp, and asks to be called when it is reached. */
    void rearmTimer() {
        if (!hart.csrs.supervisorTimer()) {
            timerDue = false;
            hart.alarm.cancel();
            return;
        }
        evaluateTimer();
        if (timerDue || hart.csrs.stimecmp == -1) {
            hart.alarm.cancel();
        } else {
            hart.alarm.set(hart.csrs.stimecmp);
        }
    }

    void evaluateTimer() {
        timerDue = due();
    }

    private boolean due() {
        Csrs csrs = hart.csrs;
        return csrs.supervisorTimer() && Long.compareUnsigned(hart.mtime.getAsLong(), csrs.stimecmp) >= 0;
    }

    /** The interrupt that is to be taken now: its code, or -1. */
    int next() {
        Csrs csrs = hart.csrs;
        long wanted = pending() & csrs.mie;
        if (wanted == 0) {
            return -1;
        }
        boolean machineEnabled = hart.mode < RiscvHart.MACHINE || (csrs.mstatus & Status.MIE) != 0;
        long chosen = machineEnabled ? wanted & ~csrs.mideleg : 0;
        if (chosen == 0) {
            boolean supervisorEnabled = hart.mode < RiscvHart.SUPERVISOR
                    || hart.mode == RiscvHart.SUPERVISOR && (csrs.mstatus & Status.SIE) != 0;
            chosen = supervisorEnabled ? wanted & csrs.mideleg : 0;
        }
        if (chosen == 0) {
            return -1;
        }
        for (int code : PRIORITY) {
            if ((chosen >>> code & 1) != 0) {
                return code;
            }
        }
        return -1;
    }
}
