package dev.cprkit.vmm.migration.channel;

import dev.cprkit.proto.os.Fds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/** A descriptor that somebody opened for this process: named by a client, or inherited under a number. Stateless. */
final class GivenDescriptor {
    private GivenDescriptor() {}

    /** The descriptor, which is the caller's from now on. */
    static int take(String name, ChannelHost.NamedDescriptors named) throws MigrationFailure {
        boolean number = !name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!number) {
            OptionalInt fd = named.take(name);
            return fd.orElseThrow(
                    () -> new MigrationFailure("File descriptor named '" + name + "' has not been found"));
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
