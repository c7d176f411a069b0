package dev.cprkit.agent.vm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Asks an emulator something that it answers without starting a VM, such as {@code -version}. A program that hangs is
 * ended after the limit; one that fails, or cannot be started, has no answer.
 */
final class ProgramQuestion {
    private static final int MOST_BYTES = 1 << 20;

    private ProgramQuestion() {}

    /** The lines that it prints; none if there is no answer. */
    static List<String> ask(List<String> program, Duration limit, String... arguments) {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(arguments));
        try {
            // Into a file: one that hangs with its output open could hold up a reader of a pipe for ever.
            Path output = Files.createTempFile("cprkit-", ".out");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile()))
                        .redirectOutput(output.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                return await(process, limit) && process.exitValue() == 0 && Files.size(output) <= MOST_BYTES
                        ? new String(Files.readAllBytes(output), StandardCharsets.ISO_8859_1)
                                .lines()
                                .toList()
                        : List.of();
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            return List.of();
        }
    }

    private static boolean await(Process process, Duration limit) {
        try {
            if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        return false;
    }
}
