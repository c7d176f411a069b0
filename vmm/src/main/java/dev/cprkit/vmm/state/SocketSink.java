package dev.cprkit.vmm.state;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.FdWait;
import dev.cprkit.proto.os.SocketMessages;
import java.io.IOException;

/**
 * Sends state over a connected stream socket, all of it before one deadline. A descriptor rides on a space byte of its
 * own (reference/qemu-cpr.md, section 3.1). The socket stays the caller's and is not made non-blocking.
 */
public final class SocketSink implements StateOutput.Sink {
    private static final byte[] SERVICE = {' '};

    private final int fd;
    private final long deadline;

    /** Sends to {@code fd} until {@link System#nanoTime} reaches {@code deadline}. */
    public SocketSink(int fd, long deadline) {
        this.fd = fd;
        this.deadline = deadline;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            done += send(bytes, offset + done, length - done);
        }
    }

    @Override
    public void writeDescriptor(int descriptor) throws IOException {
        int sent = send(SERVICE, 0, 1, descriptor);
        assert sent == 1;
    }

    private int send(byte[] bytes, int offset, int length, int... fds) throws IOException {
        try {
            for (; ; ) {
                int n = SocketMessages.trySend(fd, bytes, offset, length, fds);
                if (n >= 0) {
                    return n;
                }
                if (!FdWait.writable(fd, deadline)) {
                    throw new IOException("Unable to write to socket: the peer does not read what is sent to it");
                }
            }
        } catch (ErrnoException e) {
            throw new IOException("Unable to write to socket: " + Errno.text(e.errno()), e);
        }
    }
}
