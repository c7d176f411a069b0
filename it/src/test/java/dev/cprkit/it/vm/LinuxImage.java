package dev.cprkit.it.vm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The Linux guest that {@code bin/guest-linux} makes, or finds in its cache. */
final class LinuxImage {
    private static final int LIMIT_SECONDS = 240;

    private LinuxImage() {}

    /** The options that boot it; the test is skipped where it cannot be had. */
    static List<String> options(Path folder) throws Exception {
        Path root = Path.of(System.getProperty("cprkit.root", ".."));
        Path paths = folder.resolve("guest-linux.out");
        Path complaints = folder.resolve("guest-linux.err");
        Process process = new ProcessBuilder(root.resolve("bin/guest-linux").toString())
                .redirectOutput(paths.toFile())
                .redirectError(complaints.toFile())
                .start();
        boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        assumeTrue(
                ended && process.exitValue() == 0,
                "bin/guest-linux cannot make the Linux guest here: " + Files.readString(complaints));
        List<String> options = new ArrayList<>(List.of("-append", "console=ttyS0"));
        for (String line : Files.readAllLines(paths)) {
            if (line.startsWith("KERNEL=")) {
                options.addAll(List.of("-kernel", line.substring("KERNEL=".length())));
            } else if (line.startsWith("INITRD=")) {
                options.addAll(List.of("-initrd", line.substring("INITRD=".length())));
            }
        }
        return options;
    }
}
