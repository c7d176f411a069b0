package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.run.Yank;
import java.util.OptionalInt;

/**
 * A migration as clients may yank it: from its begin to its end, whether its socket is open or not. Main loop's thread.
 */
final class YankedSocket implements AutoCloseable {
    private final Yank.Instance instance;

    YankedSocket(Yank yank) {
        instance = yank.register(Yank.Target.MIGRATION);
    }

    /** The socket is open; it stays the caller's, who closes this first. */
    void open(OptionalInt socket) {
        instance.connected(socket);
    }

    @Override
    public void close() {
        instance.close();
    }
}
