package dev.cprkit.vmm.cpu.riscv;

/**
 * Where a hart asks to be told that its timer compare register (Sstc's stimecmp) is reached. Called on the vCPU's
 * thread; the machine lock may or may not be held. When the time has come, the owner calls
 * {@link RiscvHart#timerExpired}, from any thread.
 */
public interface Alarm {
    /** Asks for one call at {@code mtimeTicks} of the machine's time counter (unsigned), in place of an earlier wish. */
    void set(long mtimeTicks);

    /** Withdraws the wish; harmless if there is none. */
    void cancel();
}
