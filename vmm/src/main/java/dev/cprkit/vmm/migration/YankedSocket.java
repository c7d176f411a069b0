package dev.cprkit.vmm.migration;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.vmm.monitor.Yank;
import java.util.OptionalInt;

/**
 * A migration as clients may yank it: from its begin to its end, whether its socket is open or not. Shutting the socket
 * down makes whoever reads or writes it fail at once, and the migration with it. Main loop's thread.
 */
final class YankedSocket implements AutoCloseable {
    private static final int NONE = -1;

    private final Yank.Instance instance;
    private volatile int fd = NONE;

    YankedSocket(Yank yank) {
        instance = yank.register(Yank.Target.MIGRATION, this::shutDown);
    }

    /** The socket is open; it stays the caller's, who closes this first. */
    void open(OptionalInt socket) {
        fd = socket.orElse(NONE);
    }

    private void shutDown() {
        if (fd != NONE) {
            try {
                Sockets.shutdownBoth(fd);
            } catch (ErrnoException e) {
                // The peer has gone already, which is what was wanted.
                fd = NONE;
            }
        }
    }

    @Override
    public void close() {
        instance.close();
    }
}
