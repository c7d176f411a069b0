package dev.cprkit.vmm.state;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.FdWait;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.SocketMessages;
import java.io.IOException;
import java.util.ArrayDeque;

/**
 * Receives state over a connected stream socket, and the descriptors that ride on it (reference/qemu-cpr.md, section
 * 3.1). Each wait for more has a limit. The socket stays the caller's; descriptors nobody took are closed by
 * {@link #close}. O_NONBLOCK of a received descriptor is left alone: the sender shares it.
 */
public final class SocketSource implements StateInput.Source, AutoCloseable {
    private final int fd;
    private final String name;
    private final long stallLimit;
    private final boolean takesDescriptors;
    private final ArrayDeque<Integer> descriptors = new ArrayDeque<>();

    /** Reads from {@code fd}, called {@code name} in messages; no wait may be longer than {@code stallLimit} ns. */
    public SocketSource(int fd, String name, long stallLimit) {
        this(fd, name, stallLimit, true);
    }

    /** As above, for a stream that has no descriptors: what a peer sends nevertheless is closed as it comes. */
    public static SocketSource withoutDescriptors(int fd, String name, long stallLimit) {
        return new SocketSource(fd, name, stallLimit, false);
    }

    private SocketSource(int fd, String name, long stallLimit, boolean takesDescriptors) {
        this.takesDescriptors = takesDescriptors;
        this.fd = fd;
        this.name = name;
        this.stallLimit = stallLimit;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        try {
            if (!FdWait.readable(fd, System.nanoTime() + stallLimit)) {
                throw new IOException("nothing came for " + stallLimit / 1_000_000_000L + " s");
            }
            SocketMessages.Received received = SocketMessages.receive(fd, into, offset, length);
            for (int descriptor : received.fds()) {
                if (takesDescriptors) {
                    descriptors.add(descriptor);
                } else {
                    Fds.close(descriptor);
                }
            }
            return received.count() == 0 ? -1 : Math.max(0, received.count());
        } catch (ErrnoException e) {
            throw new IOException("Unable to read from socket: " + Errno.text(e.errno()), e);
        }
    }

    @Override
    public int readDescriptor(StateInput in) throws IOException, StateException {
        int service = in.u8();
        if (service != ' ') {
            throw new StateException(name + " unexpected service byte: " + service + "(" + (char) service + ")");
        }
        Integer descriptor = descriptors.poll();
        if (descriptor == null) {
            throw new StateException(name + " no FD come with service byte");
        }
        return descriptor;
    }

    /** Closes the descriptors that nobody took. */
    @Override
    public void close() {
        for (Integer descriptor = descriptors.poll(); descriptor != null; descriptor = descriptors.poll()) {
            Fds.close(descriptor);
        }
    }
}
