package dev.cprkit.it.cprctl;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A folder in which nobody makes or removes anything, root neither, until this is closed. */
final class Denied implements AutoCloseable {
    private final List<String> undo;

    private Denied(List<String> undo) {
        this.undo = undo;
    }

    /** Denies it; the test is skipped where that is not possible. */
    static Denied writing(Path folder) throws IOException {
        String path = folder.toString();
        Denied mode = new Denied(List.of("chmod", "700", path));
        run(List.of("chmod", "500", path));
        if (!Files.isWritable(folder)) {
            return mode;
        }
        mode.close(); // modes mean nothing to root, attributes of the file system do
        run(List.of("chattr", "+i", path));
        assumeTrue(!Files.isWritable(folder), "needs a file system with chattr +i, or a user who is not root");
        return new Denied(List.of("chattr", "-i", path));
    }

    private static void run(List<String> command) throws IOException {
        new ProcessBuilder(command).redirectErrorStream(true).start().onExit().join();
    }

    @Override
    public void close() throws IOException {
        run(undo);
    }
}
