package dev.cprkit.vmm.chardev;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.os.FdSets;
import dev.cprkit.vmm.run.EventLoop;

/** Output to a file, and input from another if one is given. */
public final class FileChardev extends FdChardev {
    /**
     * Opens the files.
     *
     * @param files opens them
     * @throws ChardevException if one cannot be opened
     */
    public FileChardev(ChardevConfig.File config, EventLoop loop, FdSets files) throws ChardevException {
        super(config.id(), "file", config.options().log(), loop, open(config, files));
    }

    private static Port open(ChardevConfig.File config, FdSets files) throws ChardevException {
        int out =
                open(files, config.path(), Fds.O_WRONLY | Fds.O_CREAT | (config.append() ? Fds.O_APPEND : Fds.O_TRUNC));
        if (config.inputPath().isEmpty()) {
            return new FilePort(-1, out, Integer.MAX_VALUE);
        }
        try {
            // A fifo opens at once only when it does not wait for its writer.
            int in = open(files, config.inputPath().get(), Fds.O_RDONLY | Fds.O_NONBLOCK);
            return new FilePort(in, out, Integer.MAX_VALUE);
        } catch (ChardevException e) {
            Fds.close(out);
            throw e;
        }
    }

    private static int open(FdSets files, String path, int flags) throws ChardevException {
        try {
            return files.open(path, flags, 0666);
        } catch (ErrnoException e) {
            throw new ChardevException("Could not open '" + path + "': " + e.text());
        }
    }
}
