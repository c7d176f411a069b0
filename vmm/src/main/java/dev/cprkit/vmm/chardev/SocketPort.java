package dev.cprkit.vmm.chardev;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.SocketMessages;
import dev.cprkit.proto.os.SocketMessages.Received;

/**
 * A connected stream socket. It owns the descriptor, and those that came in messages (SCM_RIGHTS) until somebody takes
 * them; descriptors that nobody took are closed when others come.
 */
final class SocketPort implements Port {
    private static final int[] NONE = {};

    private final int fd;
    private int[] received = NONE;

    /** Takes the descriptor over and makes it non-blocking: recvmsg(2) is to return at once. */
    SocketPort(int fd) throws ErrnoException {
        this.fd = fd;
        Fds.setNonBlocking(fd, true);
    }

    @Override
    public int in() {
        return fd;
    }

    @Override
    public int out() {
        return fd;
    }

    @Override
    public int read(byte[] buffer, int length) throws ErrnoException {
        Received message = SocketMessages.receive(fd, buffer, 0, length);
        if (message.fds().length > 0) {
            closeReceived();
            received = message.fds();
        }
        return message.count();
    }

    @Override
    public int write(byte[] bytes, int offset, int length) throws ErrnoException {
        return SocketMessages.trySend(fd, bytes, offset, length);
    }

    /** The descriptors of the last message that had any; the caller owns them now. */
    int[] takeDescriptors() {
        int[] taken = received;
        received = NONE;
        return taken;
    }

    @Override
    public void close() {
        closeReceived();
        Fds.close(fd);
    }

    private void closeReceived() {
        for (int descriptor : received) {
            Fds.close(descriptor);
        }
        received = NONE;
    }
}
