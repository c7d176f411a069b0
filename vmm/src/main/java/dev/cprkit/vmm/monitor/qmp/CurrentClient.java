package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.os.Fds;
import java.util.Optional;

/**
 * Whose command is being executed, and the descriptors that came with it or with an earlier one that did not want them.
 * Main loop's thread.
 */
final class CurrentClient {
    private Optional<QmpMonitor> monitor = Optional.empty();
    private Optional<QmpMonitor> holder = Optional.empty();
    private int[] descriptors = {};

    /** A command begins; {@code passed} are this object's to close, or the command's to take. */
    void enter(QmpMonitor client, int[] passed) {
        monitor = Optional.of(client);
        if (passed.length > 0 || holder.isEmpty() || holder.get() != client) {
            for (int fd : descriptors) {
                Fds.close(fd);
            }
            descriptors = passed;
            holder = monitor;
        }
    }

    void leave() {
        monitor = Optional.empty();
    }

    /** Whether it is this monitor's client. */
    boolean is(QmpMonitor other) {
        return monitor.isPresent() && monitor.get() == other;
    }

    /** The descriptors that came with the command's message (SCM_RIGHTS), for whoever asks first; it owns them then. */
    int[] takeDescriptors() {
        int[] taken = descriptors;
        descriptors = new int[0];
        return taken;
    }
}
