package dev.cprkit.vmm.cpr;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.state.SocketSink;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateOutput;
import java.io.IOException;

/**
 * The old process's end of the CPR channel: sends CPR state, then only waits for the new process to hang up. Main loop's
 * thread.
 */
public final class CprChannel implements AutoCloseable {
    private int fd;

    private CprChannel(int fd) {
        this.fd = fd;
    }

    /**
     * Connects, sends the state and ends the sending side. QEMU does this without a limit, on the main loop; a new
     * process that accepts and never reads is given up after {@code limit} ns here.
     */
    public static CprChannel send(MigrationAddress address, CprState state, long limit) throws CprException {
        if (!(address instanceof MigrationAddress.Socket(SocketAddress.Unix unix))) {
            throw new CprException("bad cpr channel address; must be unix");
        }
        long deadline = System.nanoTime() + limit;
        int fd = connect(unix, limit);
        try {
            state.write(StateOutput.to(new SocketSink(fd, deadline)));
            Sockets.shutdownWrite(fd);
            return new CprChannel(fd);
        } catch (StateException | IOException e) {
            Fds.close(fd);
            throw new CprException("cpr channel '" + unix.path() + "': " + e.getMessage());
        }
    }

    private static int connect(SocketAddress.Unix unix, long limit) throws CprException {
        try {
            return Sockets.connectUnix(unix.socketName(), limit);
        } catch (ErrnoException e) {
            throw new CprException("Failed to connect to '" + unix.path() + "': "
                    + (e.errno() == Errno.EAGAIN ? "its listener does not accept" : e.text()));
        } catch (IOException e) {
            throw new CprException(e.getMessage());
        }
    }

    /** The connected socket, to wait for the hang-up on; it stays this channel's. */
    public int fd() {
        return fd;
    }

    @Override
    public void close() {
        if (fd >= 0) {
            Fds.close(fd);
            fd = -1;
        }
    }
}
