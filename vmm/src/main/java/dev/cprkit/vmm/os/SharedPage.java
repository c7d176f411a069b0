package dev.cprkit.vmm.os;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import java.io.IOException;

/**
 * A page of memory that two processes map: a memfd sealed against any change of size, so that neither side can take the
 * memory from under the other. Owns the mapping and the descriptor. Threads: any; do not use the address after
 * {@link #close}.
 */
public final class SharedPage implements AutoCloseable {
    /** The bytes that may be used. */
    public static final int SIZE = 4096;

    private static final int SEALS = MemoryFiles.F_SEAL_SHRINK | MemoryFiles.F_SEAL_GROW | MemoryFiles.F_SEAL_SEAL;

    private final int fd;
    private final long address;
    private boolean closed;

    private SharedPage(int fd) throws ErrnoException {
        this.fd = fd;
        this.address = Mappings.map(0, SIZE, Mappings.PROT_READ | Mappings.PROT_WRITE, Mappings.MAP_SHARED, fd, 0);
    }

    /** A new page of zeros; {@code name} shows in {@code /proc/PID/fd}. */
    public static SharedPage create(String name) throws ErrnoException {
        int fd = MemoryFiles.memfd(name, true);
        try {
            MemoryFiles.resize(fd, SIZE);
            MemoryFiles.seal(fd, SEALS);
            return new SharedPage(fd);
        } catch (ErrnoException e) {
            Fds.close(fd);
            throw e;
        }
    }

    /** Maps a page that another process made, and takes over the descriptor; closes it if it is not such a page. */
    public static SharedPage map(int fd) throws IOException {
        try {
            if (!isSealed(fd) || MemoryFiles.size(fd) < SIZE) {
                throw new IOException("descriptor " + fd + " is not a sealed memfd of at least " + SIZE + " bytes");
            }
            return new SharedPage(fd);
        } catch (IOException e) {
            Fds.close(fd);
            throw e;
        }
    }

    private static boolean isSealed(int fd) {
        try {
            return (MemoryFiles.seals(fd) & MemoryFiles.F_SEAL_SHRINK) != 0;
        } catch (ErrnoException e) {
            return false; // not a memfd at all
        }
    }

    /** Where it is mapped. */
    public long address() {
        return address;
    }

    /** The descriptor to send; it stays this page's. */
    public int fd() {
        return fd;
    }

    /** Unmaps the page and closes the descriptor. The memory lives on while another process has it. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Fds.close(fd);
            try {
                Mappings.unmap(address, SIZE);
            } catch (ErrnoException e) {
                throw new IllegalStateException("a page that is mapped cannot be unmapped", e);
            }
        }
    }
}
