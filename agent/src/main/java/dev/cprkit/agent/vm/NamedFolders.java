package dev.cprkit.agent.vm;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A folder that has a folder for each of some VMs, by their names. Any thread may call. */
public final class NamedFolders {
    private NamedFolders() {}

    /** What is in one of the folders. */
    public interface Reader<T> {
        /** Empty if there is nothing; throws with a sentence if it is damaged. */
        Optional<T> read(VmName name) throws IOException;
    }

    /**
     * All there is.
     *
     * @param vms in order
     * @param damaged a sentence for each folder that cannot be used
     */
    public record Listing<T>(List<T> vms, List<String> damaged) {
        public Listing {
            vms = List.copyOf(vms);
            damaged = List.copyOf(damaged);
        }
    }

    /**
     * Reads them all; a damaged one is named, and hides no other.
     *
     * @throws IOException if the folder itself cannot be read
     */
    public static <T> Listing<T> list(Path folder, Reader<T> reader, Comparator<T> order) throws IOException {
        List<T> found = new ArrayList<>();
        List<String> damaged = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder, Files::isDirectory)) {
            for (Path one : folders) {
                Optional<VmName> name = VmName.of(one.getFileName().toString());
                if (name.isPresent()) {
                    try {
                        reader.read(name.get()).ifPresent(found::add);
                    } catch (IOException e) {
                        damaged.add(e.getMessage());
                    }
                }
            }
        } catch (NoSuchFileException e) {
            return new Listing<>(List.of(), List.of());
        }
        found.sort(order);
        damaged.sort(Comparator.naturalOrder());
        return new Listing<>(found, damaged);
    }
}
