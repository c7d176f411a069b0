package dev.cprkit.agent.daemon;

import dev.cprkit.agent.api.ApiException;
import dev.cprkit.agent.api.Fields;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The updates of many VMs on disk, a file for each, written beside and renamed into place. Each VM's own update is in the
 * journal; what is here says which VMs are still to be begun. Ended ones are forgotten when there are many.
 */
final class HostUpdateFiles {
    /** So many that have ended. */
    static final int KEPT = 100;

    private static final Logger LOG = LoggerFactory.getLogger(HostUpdateFiles.class);

    private final Path folder;

    HostUpdateFiles(Path folder) {
        this.folder = folder;
    }

    /** On the disk when this returns. */
    void write(HostUpdateRecord update) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Path file = folder.resolve(update.id() + ".json");
        Path beside = folder.resolve("." + update.id() + ".new");
        try (FileChannel channel = FileChannel.open(
                beside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer text = ByteBuffer.wrap(update.json().toString().getBytes(StandardCharsets.UTF_8));
            while (text.hasRemaining()) {
                channel.write(text);
            }
            channel.force(true);
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Forgets one; one that cannot be removed is forgotten at the next start. */
    void remove(String id) {
        try {
            Files.deleteIfExists(folder.resolve(id + ".json"));
        } catch (IOException e) {
            LOG.warn("the file of host update {} cannot be removed: {}", id, e.getMessage());
        }
    }

    /** All there are, the newest first; a sentence to {@code damaged} for each that cannot be read. */
    List<HostUpdateRecord> read(List<String> damaged) throws IOException {
        List<HostUpdateRecord> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
            for (Path file : files) {
                try {
                    found.add(HostUpdateRecord.of(Fields.parse(Files.readAllBytes(file))));
                } catch (ApiException e) {
                    damaged.add(file + " cannot be read, and is left as it is: " + e.getMessage());
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        found.sort(Comparator.comparing(HostUpdateRecord::began).reversed());
        for (HostUpdateRecord old : found.stream().skip(KEPT).toList()) {
            if (old.ended().isPresent()) {
                Files.deleteIfExists(folder.resolve(old.id() + ".json"));
                found.remove(old);
            }
        }
        return found;
    }
}
