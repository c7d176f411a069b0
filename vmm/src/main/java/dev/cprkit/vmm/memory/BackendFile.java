package dev.cprkit.vmm.memory;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.os.FdSets;
import dev.cprkit.vmm.os.MemoryFiles;

/**
 * The file behind a {@code memory-backend-file}, open.
 *
 * @param fd the descriptor, close-on-exec
 * @param named whether it has a path by which the next process can open it again
 */
record BackendFile(int fd, boolean named) {
    private static final int EISDIR = 21;
    private static final int ATTEMPTS = 100;

    /**
     * Opens the file, or makes it: with its path if there is none yet, without a name if the path is a directory.
     *
     * @param mustExist whether a file that is not there is an error: the guest's memory is in it
     * @param files opens it
     */
    static BackendFile open(MemoryBackendConfig.File config, boolean mustExist, FdSets files) throws MemoryException {
        String path = config.memPath();
        int access = config.readOnly() ? Fds.O_RDONLY : Fds.O_RDWR;
        for (int attempt = 0; ; attempt++) {
            try {
                return new BackendFile(files.open(path, access, 0), !FdSets.isSet(path));
            } catch (ErrnoException e) {
                if (e.errno() == EISDIR && !config.readOnly() && !mustExist) {
                    return unnamed(path, config.id());
                }
                if (e.errno() != Errno.ENOENT || config.readOnly() || mustExist || FdSets.isSet(path)) {
                    throw cannotOpen(path, e);
                }
            }
            try {
                return new BackendFile(Fds.open(path, Fds.O_RDWR | Fds.O_CREAT | Fds.O_EXCL, 0644), true);
            } catch (ErrnoException e) {
                // Another process may have made it in between: then open that one.
                if (e.errno() != Errno.EEXIST || attempt == ATTEMPTS) {
                    throw cannotOpen(path, e);
                }
            }
        }
    }

    private static BackendFile unnamed(String directory, String id) throws MemoryException {
        for (int attempt = 0; ; attempt++) {
            String path = directory + "/vmm-" + id + "-" + Long.toHexString(System.nanoTime());
            try {
                int fd = Fds.open(path, Fds.O_RDWR | Fds.O_CREAT | Fds.O_EXCL, 0600);
                MemoryFiles.unlink(path);
                return new BackendFile(fd, false);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EEXIST || attempt == ATTEMPTS) {
                    throw cannotOpen(path, e);
                }
            }
        }
    }

    private static MemoryException cannotOpen(String path, ErrnoException e) {
        return new MemoryException("can't open backing store " + path + " for guest RAM: " + e.text(), e);
    }
}
