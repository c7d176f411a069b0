package dev.cprkit.it.vm;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * What a JVM learns while a program runs once: with it, all later runs start in a third of the time (JEP 483). Made once per
 * build and kept in {@code it/target}; tests may run in several processes.
 */
public final class StartRecording {
    private StartRecording() {}

    /** Runs the program to its end with one more JVM option. */
    @FunctionalInterface
    public interface Run {
        void with(String option) throws Exception;
    }

    /**
     * The JVM options that start a program from its recording; none where there can be no recording, which costs time only.
     *
     * @param name of the program, unique in this build
     * @param classPath that it always runs with
     */
    public static List<String> options(String name, List<String> classPath, Run run) {
        try {
            long stamp = 0;
            for (String part : classPath) {
                Path jar = Path.of(part);
                if (!Files.isRegularFile(jar)) {
                    return List.of(); // classes in a folder cannot be recorded
                }
                stamp = stamp * 31 + Files.getLastModifiedTime(jar).toMillis() + Files.size(jar);
            }
            Path recording = Path.of(System.getProperty("cprkit.root", ".."), "it", "target")
                    .toAbsolutePath()
                    .normalize()
                    .resolve(name + "-" + Long.toHexString(stamp) + ".aot");
            if (!Files.exists(recording)) {
                forgetOlder(recording.getParent(), name);
                Path own = recording.resolveSibling(
                        name + "-" + ProcessHandle.current().pid() + ".recording");
                run.with("-XX:AOTCacheOutput=" + own);
                Files.move(own, recording, StandardCopyOption.ATOMIC_MOVE);
            }
            return List.of("-XX:AOTCache=" + recording);
        } catch (Exception e) {
            return List.of();
        }
    }

    private static void forgetOlder(Path folder, String name) throws IOException {
        try (DirectoryStream<Path> older = Files.newDirectoryStream(folder, name + "-*.aot")) {
            for (Path file : older) {
                Files.deleteIfExists(file);
            }
        }
    }
}
