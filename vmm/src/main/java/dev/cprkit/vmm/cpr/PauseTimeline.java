package dev.cprkit.vmm.cpr;

import java.util.OptionalLong;

/**
 * When one update passed each checkpoint, as far as this process knows: its own stamps, and through the ownership record
 * those of the other process on the same host, so that either can tell the guest's pause. Main loop's thread.
 */
public final class PauseTimeline {
    private static final Checkpoint[] ALL = Checkpoint.values();

    private final boolean source;
    private final long[] stamps = new long[ALL.length];
    private Ownership shared;

    /** A timeline of the old ({@code source}) or the new process, without stamps. */
    public PauseTimeline(boolean source) {
        this.source = source;
    }

    /** Shares the stamps so far, and those to come, through a record. */
    public void share(Ownership ownership) {
        shared = ownership;
        for (Checkpoint checkpoint : ALL) {
            if (stamps[checkpoint.ordinal()] != 0) {
                shared.stamp(checkpoint, stamps[checkpoint.ordinal()]);
            }
        }
    }

    /** Keeps what the record holds, because it is about to be closed. */
    public void unshare() {
        if (shared != null) {
            for (Checkpoint checkpoint : ALL) {
                stamps[checkpoint.ordinal()] = at(checkpoint).orElse(0);
            }
            shared = null;
        }
    }

    /** Whether this is the old process's view. */
    public boolean isSource() {
        return source;
    }

    /** Stamps a checkpoint with now: System.nanoTime is CLOCK_MONOTONIC on Linux. */
    public void pass(Checkpoint checkpoint) {
        pass(checkpoint, System.nanoTime());
    }

    /** Stamps a checkpoint that was passed at that time; the first stamp stays. */
    public void pass(Checkpoint checkpoint, long nanos) {
        if (stamps[checkpoint.ordinal()] == 0) {
            stamps[checkpoint.ordinal()] = nanos;
            if (shared != null) {
                shared.stamp(checkpoint, nanos);
            }
        }
    }

    /** When the checkpoint was passed, in ns, by whichever process passes it; empty if it was not, or nobody told. */
    public OptionalLong at(Checkpoint checkpoint) {
        long own = stamps[checkpoint.ordinal()];
        long nanos = own != 0 || shared == null ? own : shared.stamp(checkpoint);
        return nanos == 0 ? OptionalLong.empty() : OptionalLong.of(nanos);
    }

    /** From the last guest instruction in the old process to the first in the new, in ns. */
    public OptionalLong pause() {
        OptionalLong last = at(Checkpoint.LAST_GUEST_INSTRUCTION);
        OptionalLong first = at(Checkpoint.FIRST_GUEST_INSTRUCTION);
        return last.isPresent() && first.isPresent()
                ? OptionalLong.of(first.getAsLong() - last.getAsLong())
                : OptionalLong.empty();
    }
}
