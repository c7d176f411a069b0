package dev.cprkit.agent.home;

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
 * another process, and in a folder under /tmp anybody may have been there before us. Any thread may call.
 */
public final class PrivateFolder {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OTHERS_MAY_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    private static final int ROOT = 0;
    private static final int STICKY = 01000;
    private static final int EVERYBODY_WRITES = 0002;

    private PrivateFolder() {}

    /**
     * Makes it with the folders above it, or finds it there.
     *
     * @throws IOException if it is not a folder of this user that only this user can change, or if somebody else could put
     *     another one in its place; the message is a sentence
     */
    public static Path make(Path folder) throws IOException {
        makeAbove(folder);
        try {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } catch (FileAlreadyExistsException e) {
            check(folder);
        } catch (IOException e) {
            throw new IOException("the folder " + folder + " cannot be made: " + e.getMessage(), e);
        }
        return folder;
    }

    /** Makes the folders above a file or folder, for this user alone, or finds those that are there to be safe. */
    public static void makeAbove(Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            return;
        }
        if (!Files.isDirectory(parent)) {
            make(parent);
        }
        checkPlace(parent);
    }

    /** Fails if there is something that {@link #make} would not have made. */
    public static void checkIfThere(Path folder) throws IOException {
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            check(folder);
            checkPlace(folder.toAbsolutePath().getParent());
        }
    }

    private static void check(Path folder) throws IOException {
        PosixFileAttributes found = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isDirectory()) {
            throw new IOException(folder + " is not a folder; remove it");
        }
        if (!found.owner().equals(Files.getOwner(Path.of("/proc/self")))) {
            throw belongsTo(folder);
        }
        if (found.permissions().stream().anyMatch(OTHERS_MAY_WRITE::contains)) {
            throw new IOException(folder + " can be written by others; run chmod 0700 " + folder);
        }
    }

    /** Of a folder that others may write to, as of /tmp, nothing can be taken if it is sticky (inode(7)). */
    private static void checkPlace(Path parent) throws IOException {
        Object owner = Files.getAttribute(parent, "unix:uid");
        if (!owner.equals(ROOT) && !owner.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
            throw belongsTo(parent);
        }
        int mode = (Integer) Files.getAttribute(parent, "unix:mode");
        if ((mode & EVERYBODY_WRITES) != 0 && (mode & STICKY) == 0) {
            throw new IOException(parent + " can be written by everybody; run chmod o-w " + parent);
        }
    }

    private static IOException belongsTo(Path folder) throws IOException {
        return new IOException(
                folder + " belongs to " + Files.getOwner(folder).getName() + ": run this as that user, or"
                        + " choose another place with " + Home.RUNTIME_VARIABLE + " or " + Home.STATE_VARIABLE);
    }

    /** Removes it with the files in it. */
    public static void remove(Path folder) {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            try (var files = Files.list(folder)) {
                files.forEach(PrivateFolder::delete);
            } catch (IOException e) {
                return; // not readable any more: whoever changed that keeps it
            }
            delete(folder);
        }
    }

    /** Removes one file, or a folder that is empty. */
    public static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // Somebody else put something else there; it is not ours to remove.
        }
    }
}
