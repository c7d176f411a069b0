package dev.cprkit.agent.vm;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A folder that nobody else can put anything into: whoever can replace a socket in it gets the VM's owner to talk to
 * another process, and in a folder under /tmp anybody may have been there before us.
 */
final class PrivateFolder {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OTHERS_MAY_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private PrivateFolder() {}

    /**
     * Makes it with the folders above it, or finds it there.
     *
     * @throws IOException if it is not a folder of this user that only this user can change; the message is a sentence
     */
    static Path make(Path folder) throws IOException {
        Path parent = folder.toAbsolutePath().getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            make(parent);
        }
        try {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } catch (FileAlreadyExistsException e) {
            check(folder);
        } catch (IOException e) {
            throw new IOException("the folder " + folder + " cannot be made: " + e.getMessage(), e);
        }
        return folder;
    }

    private static void check(Path folder) throws IOException {
        PosixFileAttributes found = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isDirectory()) {
            throw new IOException(folder + " is not a folder; remove it");
        }
        if (!found.owner().equals(Files.getOwner(Path.of("/proc/self")))) {
            throw new IOException(folder + " belongs to " + found.owner().getName()
                    + ": run this as that user, or choose another place with CPRKIT_RUNTIME_DIR");
        }
        if (found.permissions().stream().anyMatch(OTHERS_MAY_WRITE::contains)) {
            throw new IOException(folder + " can be written by others; run chmod 0700 " + folder);
        }
    }
}
