package dev.cprkit.vmm.chardev;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.run.EventLoop;

/**
 * Fifos that another program made (fifo(7)): input from {@code PATH.in}, output to {@code PATH.out}; if they are not there,
 * {@code PATH} for both. They are opened for reading and writing, so that no peer has to be there yet and one that goes away
 * is not an end.
 */
public final class PipeChardev extends FdChardev {
    /** @throws ChardevException if they cannot be opened */
    public PipeChardev(ChardevConfig.Pipe config, EventLoop loop) throws ChardevException {
        super(config.id(), "pipe", config.options().log(), loop, open(config.path()));
    }

    private static Port open(String path) throws ChardevException {
        int flags = Fds.O_RDWR | Fds.O_NONBLOCK;
        try {
            int in = Fds.open(path + ".in", flags, 0);
            try {
                return new FilePort(in, Fds.open(path + ".out", flags, 0), Integer.MAX_VALUE);
            } catch (ErrnoException e) {
                Fds.close(in);
            }
        } catch (ErrnoException e) {
            // No pair; the path itself may be one.
        }
        try {
            int both = Fds.open(path, flags, 0);
            return new FilePort(both, both, Integer.MAX_VALUE);
        } catch (ErrnoException e) {
            throw new ChardevException("Could not open '" + path + "': " + e.text());
        }
    }
}
