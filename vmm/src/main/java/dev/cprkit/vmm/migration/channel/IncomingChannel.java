package dev.cprkit.vmm.migration.channel;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.FdWait;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.os.HostFiles;
import dev.cprkit.vmm.state.SocketSource;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where a main stream comes from: a connected socket, a pipe or a file. Owns the descriptor and the command behind it.
 * Main loop's thread; what {@link #source} reads, the one thread that loads.
 */
public final class IncomingChannel {
    private final int fd;
    private final boolean socket;
    private final Optional<Command> command;
    private boolean closed;

    /** Takes the descriptor over. */
    public IncomingChannel(int fd, boolean socket, Optional<Command> command) {
        this.fd = fd;
        this.socket = socket;
        this.command = command;
    }

    /** A file, from an offset in bytes on. */
    static IncomingChannel file(String name, long offset, ChannelHost host) throws MigrationFailure {
        int fd;
        try {
            fd = host.files().open(name, Fds.O_RDONLY | Fds.O_NONBLOCK, 0); // a fifo may have no writer yet
        } catch (ErrnoException e) {
            throw ChannelErrors.file("Could not open", name, e);
        }
        try {
            if (offset > 0) {
                HostFiles.seek(fd, offset);
            }
            return new IncomingChannel(fd, false, Optional.empty());
        } catch (ErrnoException e) {
            Fds.close(fd);
            throw new MigrationFailure("failed to seek in migration file '" + name + "': " + e.text());
        }
    }

    /** What becomes readable when the stream begins; it stays the channel's. */
    public int fd() {
        return fd;
    }

    /** The socket to answer the old process on; empty if the channel leads one way. */
    public OptionalInt returnPath() {
        return socket ? OptionalInt.of(fd) : OptionalInt.empty();
    }

    /** Reads the stream; no wait for more of it may be longer than {@code stall} ns. */
    public StateInput.Source source(long stall) {
        return socket ? SocketSource.withoutDescriptors(fd, "main", stall) : new Plain(stall);
    }

    /** Closes it, and ends the command. Harmless when repeated. */
    public void close() {
        if (!closed) {
            closed = true;
            Fds.close(fd);
            command.ifPresent(Command::end);
        }
    }

    /** A descriptor that is read from and nothing else. */
    private final class Plain implements StateInput.Source {
        private final long stall;

        Plain(long stall) {
            this.stall = stall;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                if (!FdWait.readable(fd, System.nanoTime() + stall)) {
                    throw new IOException("nothing came for " + stall / 1_000_000_000L + " s");
                }
                int n = Fds.read(fd, into, offset, length);
                return n == 0 ? -1 : Math.max(0, n);
            } catch (ErrnoException e) {
                throw new IOException("Unable to read from the channel: " + e.text(), e);
            }
        }

        @Override
        public int readDescriptor(StateInput in) throws StateException {
            throw new StateException("main does not support fd passing");
        }
    }
}
