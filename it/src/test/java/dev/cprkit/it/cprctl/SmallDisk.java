package dev.cprkit.it.cprctl;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small file system in memory, for a test to fill. */
final class SmallDisk implements AutoCloseable {
    private static final int CHUNK = 1 << 16;

    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /** Mounts it there; the test is skipped where that is not possible. */
    static SmallDisk at(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Process mount = new ProcessBuilder(
                        "mount", "-t", "tmpfs", "-o", "size=80m,nr_inodes=64", "tmpfs", folder.toString())
                .redirectErrorStream(true)
                .start();
        assumeTrue(mount.waitFor() == 0, "needs the right to mount a file system");
        return new SmallDisk(folder);
    }

    /** Leaves no room for a byte more, and none for a file. */
    void fill() throws IOException {
        try (OutputStream out = Files.newOutputStream(folder.resolve("filler"))) {
            for (byte[] chunk = new byte[CHUNK]; ; ) {
                out.write(chunk);
            }
        } catch (IOException e) {
            // full
        }
        try {
            for (int i = 0; ; i++) {
                Files.createFile(folder.resolve("filler" + i));
            }
        } catch (IOException e) {
            // no more of them either
        }
    }

    /** Makes room again. */
    void empty() throws IOException {
        try (var files = Files.newDirectoryStream(folder, "filler*")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    @Override
    public void close() throws IOException {
        new ProcessBuilder("umount", "-l", folder.toString()).start().onExit().join();
    }
}
