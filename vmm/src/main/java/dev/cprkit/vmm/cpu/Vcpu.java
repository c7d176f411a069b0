package dev.cprkit.vmm.cpu;

/**
 * An engine that executes guest instructions. The interpreter is the reference; a translator comes behind the same seam
 * and must pass the same suites.
 *
 * <p>{@link #run} is called by the one thread that owns the vCPU; {@link #requestExit} by any.
 */
public interface Vcpu {
    /** Why {@link #run} returned. */
    enum Exit {
        /** The budget is spent or {@link #requestExit} was called. */
        YIELD,
        /** The guest waits for an interrupt and none is pending. */
        WAIT_FOR_INTERRUPT
    }

    /**
     * Executes about {@code budget} instructions, at least one unless an exit is already requested. Interrupts are taken
     * and device accesses made inside. Clears the exit request when it returns.
     */
    Exit run(long budget);

    /** Whether a vCPU whose {@link #run} said {@code WAIT_FOR_INTERRUPT} has a reason to run. Any thread. */
    boolean hasPendingWakeup();

    /** Makes {@link #run} return soon, within a block of straight-line code. Any thread. */
    void requestExit();
}
