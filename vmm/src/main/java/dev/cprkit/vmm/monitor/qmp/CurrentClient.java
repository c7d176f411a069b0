package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.vmm.chardev.Chardev;
import java.util.Optional;

/** Whose command is being executed. Main loop's thread. */
final class CurrentClient {
    private Optional<Chardev> chardev = Optional.empty();

    void enter(Chardev client) {
        chardev = Optional.of(client);
    }

    void leave() {
        chardev = Optional.empty();
    }

    /** The descriptors that came with the command's message (SCM_RIGHTS), for whoever asks first; it owns them then. */
    int[] takeDescriptors() {
        return chardev.isPresent() ? chardev.get().takeDescriptors() : new int[0];
    }
}
