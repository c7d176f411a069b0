package dev.cprkit.vmm.cpr;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.os.HostFiles;
import dev.cprkit.vmm.os.MemoryFiles;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateManifest;
import java.io.ByteArrayOutputStream;

/**
 * The manifest of a machine's state in a memfd, which goes to the next process among its descriptors. A peer that does
 * not know it (QEMU) keeps it and never looks. Owned by one thread.
 */
public final class ManifestFile implements AutoCloseable {
    /** The name of the descriptor in CPR state, with number 0. */
    public static final String NAME = "cprkit.state";

    private static final int CHUNK = 65536;
    private static final int MOST = 16 << 20;

    private final int fd;

    private ManifestFile(int fd) {
        this.fd = fd;
    }

    /** Writes what the new process of a transfer looks at. */
    public static ManifestFile write(StateManifest manifest) throws CprException {
        try {
            return write(manifest.toByteArray());
        } catch (StateException e) {
            throw new CprException("the manifest of the machine's state cannot be made: " + e.getMessage());
        }
    }

    /** Writes what the next program of an exec looks at, when it is opened again as its standard input. */
    public static ManifestFile write(GuestManifest manifest) throws CprException {
        return write(manifest.toByteArray());
    }

    private static ManifestFile write(byte[] bytes) throws CprException {
        try {
            ManifestFile file = new ManifestFile(MemoryFiles.memfd(NAME, false));
            try {
                for (int done = 0; done < bytes.length; ) {
                    done += Fds.write(file.fd, bytes, done, bytes.length - done);
                }
                return file;
            } catch (ErrnoException e) {
                file.close();
                throw e;
            }
        } catch (ErrnoException e) {
            throw new CprException("the manifest of the machine's state cannot be made: " + e.getMessage());
        }
    }

    /** Reads the one that the old process sent, and closes its descriptor. */
    static StateManifest read(int fd) throws CprException {
        try {
            HostFiles.seek(fd, 0); // the position is shared with the sender, and with whoever has read it before
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            byte[] chunk = new byte[CHUNK];
            for (int n = Fds.read(fd, chunk, 0, CHUNK); n > 0; n = Fds.read(fd, chunk, 0, CHUNK)) {
                all.write(chunk, 0, n);
                if (all.size() > MOST) {
                    throw new CprException("the manifest of the old process's state is larger than " + MOST + " bytes");
                }
            }
            return StateManifest.read(all.toByteArray());
        } catch (StateException | ErrnoException e) {
            throw new CprException("the manifest of the old process's state cannot be read: " + e.getMessage());
        } finally {
            Fds.close(fd);
        }
    }

    /** The descriptor to send; it stays this file's. */
    public int fd() {
        return fd;
    }

    @Override
    public void close() {
        Fds.close(fd);
    }
}
