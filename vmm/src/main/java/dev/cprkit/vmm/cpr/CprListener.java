package dev.cprkit.vmm.cpr;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.FdWait;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.state.SocketSource;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The new process's end of the CPR channel: it waits for the old process, takes its CPR state, and keeps the connection
 * open until this process listens on the main channel. Closing it is the signal that the old process waits for
 * (reference/qemu-cpr.md, section 2.3). Nothing is ever sent on it.
 *
 * <p>{@link #receive} is called on the main thread before there is a machine or a main loop; {@link #hangUp} on the main
 * loop's thread.
 */
public final class CprListener {
    /** How long to wait for the old process: it may be started first and updated much later. */
    public static final long ACCEPT_LIMIT = 3_600_000_000_000L;
    /** How long the old process may fall silent while it sends. */
    public static final long STALL_LIMIT = 30_000_000_000L;

    private final CprState state;
    private final long receivedAt = System.nanoTime();
    private final boolean waits;
    private int connection;

    private CprListener(CprState state, int connection) {
        this.state = state;
        this.waits = connection >= 0;
        this.connection = connection;
    }

    /**
     * Listens at the address, or on the inherited listener that it names, waits for one connection and reads CPR state
     * from it. The socket file is removed once somebody has connected, as QEMU does.
     *
     * @param acceptLimit the longest wait for a connection, in ns
     * @throws CprException if there is no CPR state to be had; the text is for the user
     */
    public static CprListener receive(MigrationAddress address, long acceptLimit) throws CprException {
        if (!(address instanceof MigrationAddress.Socket(SocketAddress socket))) {
            throw new CprException("bad cpr channel socket type; must be unix");
        }
        int listener =
                switch (socket) {
                    case SocketAddress.Unix unix -> listen(unix);
                    case SocketAddress.Fd fd -> inherited(fd.str());
                    case SocketAddress.Inet ignored ->
                        throw new CprException("bad cpr channel socket type; must be unix");
                    case SocketAddress.Vsock ignored ->
                        throw new CprException("bad cpr channel socket type; must be unix");
                };
        int connection = accept(listener, path(socket, listener), acceptLimit);
        try (SocketSource source = new SocketSource(connection, "cpr-in", STALL_LIMIT)) {
            CprState state = CprState.read(StateInput.from(source));
            return new CprListener(state, connection);
        } catch (StateException | IOException e) {
            Fds.close(connection);
            throw new CprException(e.getMessage());
        }
    }

    /** What the program before this one has left in this process: nobody waits and no guest runs meanwhile. */
    public static CprListener inherited(Map<String, String> environment) throws CprException {
        return new CprListener(CprExecState.read(environment), -1);
    }

    /** Whether the old process waits for the hang-up, its guest running. */
    public boolean oldGuestRuns() {
        return waits;
    }

    /** What was received. */
    public CprState state() {
        return state;
    }

    /** When it was received, CLOCK_MONOTONIC in ns. */
    public long receivedAt() {
        return receivedAt;
    }

    /** Tells the old process that this one listens now. Harmless when done before. */
    public void hangUp() {
        if (connection >= 0) {
            Fds.close(connection);
            connection = -1;
        }
    }

    private static int listen(SocketAddress.Unix unix) throws CprException {
        try {
            return Sockets.listenUnix(unix.socketName(), 1);
        } catch (ErrnoException e) {
            throw new CprException("Failed to bind socket to " + unix.path() + ": " + e.text());
        } catch (IOException e) {
            throw new CprException(e.getMessage());
        }
    }

    private static int inherited(String text) throws CprException {
        int fd;
        try {
            fd = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new CprException("Invalid file descriptor number '" + text
                    + "': the cpr channel takes the number of an inherited listening unix socket");
        }
        if (fd < 0 || !Fds.isOpen(fd)) {
            throw new CprException(
                    "Invalid file descriptor number '" + text + "': this process did not inherit such a descriptor");
        }
        return fd;
    }

    /** Takes one connection, then closes the listener and removes its file, also an inherited one's, as QEMU does. */
    private static int accept(int listener, String path, long limit) throws CprException {
        try {
            try {
                Fds.setCloseOnExec(listener, true);
                if (!FdWait.readable(listener, System.nanoTime() + limit)) {
                    throw new CprException(
                            "no old process connected to the cpr channel within " + limit / 1_000_000_000L + " s");
                }
                return Sockets.accept(listener);
            } finally {
                remove(path);
            }
        } catch (ErrnoException e) {
            throw new CprException("cpr channel: descriptor " + listener + " takes no connection: " + e.text());
        } finally {
            Fds.close(listener);
        }
    }

    /** The listener's socket file; empty if it has none. An inherited one's is known to the kernel only. */
    private static String path(SocketAddress socket, int listener) throws CprException {
        if (socket instanceof SocketAddress.Unix unix) {
            return unix.isAbstract() ? "" : unix.path();
        }
        try {
            return Sockets.localPath(listener);
        } catch (ErrnoException e) {
            throw new CprException("cpr channel: descriptor " + listener + " is no unix socket: " + e.text());
        }
    }

    /** Removes the socket file of a listener at that address, when the process ends before anybody came. */
    public static void remove(SocketAddress.Unix unix) {
        remove(unix.isAbstract() ? "" : unix.path());
    }

    private static void remove(String path) {
        if (!path.isEmpty()) {
            try {
                Files.deleteIfExists(Path.of(path));
            } catch (IOException e) {
                return; // a socket file that stays behind harms nobody: the next listener replaces it
            }
        }
    }
}
