package dev.cprkit.vmm.run;

/**
 * A clock that timers can be set on. Reading it is safe on any thread.
 *
 * <p>The machine's virtual clock ({@link VmClock}) counts nanoseconds of guest time: the host's monotonic clock minus the
 * time stopped.
 */
public interface Clock {
    /** Now, in nanoseconds. */
    long now();

    /** A timer on this clock, not armed. {@code action} runs on the main loop's thread with the machine lock held. */
    Timer timer(Runnable action);

    /** A single-shot timer. Call its methods with the machine lock held. */
    interface Timer {
        /** Arms it for that time of its clock, in ns; a time that has passed fires at once. */
        void arm(long deadline);

        /** Disarms it; harmless if it is not armed. */
        void cancel();

        /** When it fires, in ns, or -1 if it is not armed. */
        long deadline();
    }
}
