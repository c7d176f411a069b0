package dev.cprkit.vmm.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Poll;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A pseudo-terminal (pty(7)): the master's descriptor, which this object owns, and the path of the slave, which another
 * program opens as its terminal. The slave is raw: bytes pass unchanged both ways.
 *
 * <p>Threads: any. The memory given to the C library lives until the call has returned.
 */
public final class PseudoTerminal implements AutoCloseable {
    private static final int O_NOCTTY = 0x100;
    private static final int NAME_SIZE = 128;
    private static final MethodHandle POSIX_OPENPT = CLibrary.link("posix_openpt");
    private static final MethodHandle GRANTPT = CLibrary.link("grantpt");
    private static final MethodHandle UNLOCKPT = CLibrary.link("unlockpt");
    private static final MethodHandle PTSNAME_R = CLibrary.link("ptsname_r");
    private static final MethodHandle POLL = CLibrary.link("poll");

    private final int fd;
    private final String path;

    private PseudoTerminal(int fd, String path) {
        this.fd = fd;
        this.path = path;
    }

    /** Makes one. Its reads and writes do not block. */
    public static PseudoTerminal open() throws ErrnoException {
        int flags = Fds.O_RDWR | O_NOCTTY | Fds.O_CLOEXEC | Fds.O_NONBLOCK;
        int fd = CLibrary.callInt(POSIX_OPENPT, "posix_openpt", flags, 0, 0, 0);
        try (Arena arena = Arena.ofConfined()) {
            CLibrary.callInt(GRANTPT, "grantpt", fd, 0, 0, 0);
            CLibrary.callInt(UNLOCKPT, "unlockpt", fd, 0, 0, 0);
            MemorySegment name = arena.allocate(NAME_SIZE);
            int errno = CLibrary.callInt(PTSNAME_R, "ptsname_r", fd, name.address(), NAME_SIZE, 0);
            if (errno != 0) {
                throw new ErrnoException("ptsname_r", errno);
            }
            // The settings belong to the pair; on Linux they can be reached through the master.
            Terminal.of(fd)
                    .orElseThrow(() -> new IllegalStateException("a pty is a terminal"))
                    .transparent();
            String path = name.getString(0);
            // A master hangs up only when its slave is closed, not before it is first opened.
            Fds.close(Fds.open(path, Fds.O_RDWR | O_NOCTTY, 0));
            return new PseudoTerminal(fd, path);
        } catch (ErrnoException e) {
            Fds.close(fd);
            throw e;
        }
    }

    /** The master's descriptor. */
    public int fd() {
        return fd;
    }

    /** The slave's path: {@code /dev/pts/N}. */
    public String path() {
        return path;
    }

    /** Whether no program has the slave open (poll(2) then says POLLHUP). */
    public boolean hungUp() throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(8, 8); // struct pollfd: fd 0, events 4, revents 6
            set.set(JAVA_INT, 0, fd);
            CLibrary.callInt(POLL, "poll", set.address(), 1, 0, 0);
            return (set.get(JAVA_SHORT, 6) & Poll.POLLHUP) != 0;
        }
    }

    /** Closes the master: the slave's path goes away, and who has it open reads an end. */
    @Override
    public void close() {
        Fds.close(fd);
    }
}
