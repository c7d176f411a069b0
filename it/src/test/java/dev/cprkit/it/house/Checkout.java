package dev.cprkit.it.house;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The checkout that is being built, and programs of it that run to their end. */
final class Checkout {
    static final Path ROOT =
            Path.of(System.getProperty("cprkit.root", "..")).toAbsolutePath().normalize();

    private Checkout() {}

    /** How a program ended. Both streams are whole, decoded as UTF-8. */
    record Ended(int status, String out, String err) {}

    /** Runs a program of the checkout with no input; kills it and fails after {@code seconds}. */
    static Ended run(int seconds, Map<String, String> environment, String program, String... arguments)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("cprkit-it", ".out");
        Path err = Files.createTempFile("cprkit-it", ".err");
        try {
            List<String> command = new ArrayList<>(List.of(ROOT.resolve(program).toString()));
            command.addAll(List.of(arguments));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(program + " did not end within " + seconds + " s; it said: " + text(err));
            }
            return new Ended(process.exitValue(), text(out), text(err));
        } finally {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        }
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
