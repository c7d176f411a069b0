package dev.cprkit.agent.update;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A folder for one update and one user alone. */
final class PrivateFolder {
    private static final FileAttribute<Set<PosixFilePermission>> OURS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private PrivateFolder() {}

    /** Makes it, unless it is there, and the folders that it is in. */
    static void make(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(folder.getParent(), OURS);
            Files.createDirectory(folder, OURS);
        }
    }

    /** Removes it with the files in it. */
    static void remove(Path folder) {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            try (var files = Files.list(folder)) {
                files.forEach(PrivateFolder::delete);
            } catch (IOException e) {
                return; // not readable any more: whoever changed that keeps it
            }
            delete(folder);
        }
    }

    static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // Somebody else put something else there; it is not ours to remove.
        }
    }
}
