package dev.cprkit.vmm.os;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A file with the process's id, locked as long as the process lives (lockf(3)), so that no two processes share it.
 *
 * <p>Owns the file: {@link #close} removes it. Threads: one.
 */
public final class PidFile implements AutoCloseable {
    private static final int F_TLOCK = 2;
    private static final int EACCES = 13;

    private final Path path;
    private final int fd;

    private PidFile(Path path, int fd) {
        this.path = path;
        this.fd = fd;
    }

    /**
     * Makes the file, or takes over one that a process left behind.
     *
     * @throws IOException if that is not possible, with a sentence for the user
     */
    public static PidFile create(Path path) throws IOException {
        int fd;
        try {
            fd = Fds.open(path.toString(), Fds.O_RDWR | Fds.O_CREAT, 0644);
        } catch (ErrnoException e) {
            throw new IOException("cannot create PID file: Could not create '" + path + "': " + e.text(), e);
        }
        try {
            CLibrary.callInt(Lock.LOCKF, "lockf", fd, F_TLOCK, 0, 0);
            MemoryFiles.resize(fd, 0);
            byte[] text = (HostProcess.pid() + "\n").getBytes(StandardCharsets.US_ASCII);
            int written = Fds.write(fd, text, 0, text.length);
            if (written != text.length) {
                throw new ErrnoException("write", Errno.EIO);
            }
            return new PidFile(path, fd);
        } catch (ErrnoException e) {
            Fds.close(fd);
            boolean locked = e.errno() == Errno.EAGAIN || e.errno() == EACCES;
            throw new IOException(
                    locked
                            ? "cannot create PID file: '" + path + "' is locked by another process"
                            : "cannot create PID file: Could not write '" + path + "': " + e.text(),
                    e);
        }
    }

    /** Removes the file and gives up the lock. */
    @Override
    public void close() {
        try {
            MemoryFiles.unlink(path.toString());
        } catch (ErrnoException e) {
            // Somebody removed it before: it is gone either way.
        } finally {
            Fds.close(fd);
        }
    }

    private static final class Lock {
        static final MethodHandle LOCKF = CLibrary.link("lockf");
    }
}
