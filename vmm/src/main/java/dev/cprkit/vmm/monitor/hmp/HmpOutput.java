package dev.cprkit.vmm.monitor.hmp;

import java.util.List;
import java.util.Optional;

/** Where a command of the human monitor prints. Main loop's thread, machine lock held. */
@FunctionalInterface
public interface HmpOutput {
    /** Prints text as it is; lines end with {@code \n}. */
    void print(String text);

    /** Prints a line. */
    default void println(String line) {
        print(line + "\n");
    }

    /**
     * Keeps the monitor from taking further commands until the returned action is run, once, on the main loop's thread;
     * text may be printed meanwhile. Empty where that cannot be ({@code human-monitor-command}): then go on detached.
     */
    default Optional<Runnable> suspend() {
        return Optional.empty();
    }

    /** The lines that were entered at this monitor, oldest first; empty where lines are not kept. */
    default List<String> history() {
        return List.of();
    }

    /** The descriptors that came with the line (SCM_RIGHTS), for the caller to close; empty where none can come. */
    default int[] takeDescriptors() {
        return new int[0];
    }
}
