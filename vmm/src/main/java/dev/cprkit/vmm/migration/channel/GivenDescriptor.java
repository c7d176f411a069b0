package dev.cprkit.vmm.migration.channel;

import dev.cprkit.proto.os.Fds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A descriptor that somebody opened for this process: named by a client, or inherited under a number. Stateless. */
final class GivenDescriptor {
    private GivenDescriptor() {}

    /**
     * The descriptor that a client has given that name; it is the caller's from now on. A number is no name: a stream
     * written to whatever has it in this process, and a close after that, could cost the guest.
     */
    static int named(String name, ChannelHost.NamedDescriptors named) throws MigrationFailure {
        return named.take(name)
                .orElseThrow(() -> new MigrationFailure("File descriptor named '" + name + "' has not been found"));
    }

    /** The same, or the descriptor of that number, which whoever started this process has opened for it. */
    static int take(String name, ChannelHost.NamedDescriptors named) throws MigrationFailure {
        boolean number = !name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!number) {
            return named(name, named);
        }
        int fd;
        try {
            fd = Integer.parseInt(name);
        } catch (NumberFormatException e) {
            throw new MigrationFailure("Invalid file descriptor number '" + name + "'");
        }
        if (!Fds.isOpen(fd)) {
            throw new MigrationFailure(
                    "Invalid file descriptor number '" + name + "': this process did not inherit such a descriptor");
        }
        return fd;
    }

    static boolean isSocket(int fd) {
        try {
            return Fds.target(fd).startsWith("socket:");
        } catch (IOException e) {
            return false; // without /proc nothing is known of it, and a pipe can do what a socket does, one way
        }
    }

    static void refuseFile(int fd) throws MigrationFailure {
        if (Files.isRegularFile(Path.of("/proc/self/fd/" + fd))) {
            throw new MigrationFailure("fd: migration to a file is not supported. Use file: instead.");
        }
    }
}
