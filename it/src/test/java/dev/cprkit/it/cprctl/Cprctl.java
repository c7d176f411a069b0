package dev.cprkit.it.cprctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * {@code cprctl} as a process of its own, started from this test's class path.
 *
 * @param lines of its JSON output
 */
record Cprctl(int status, List<JsonNode> lines, String err) {
    private static final JsonMapper JSON = new JsonMapper();

    /** Its folders are in {@code folder}, so that no other cprctl sees what it does. */
    static ProcessBuilder builder(Path folder, String... arguments) {
        List<String> command = new ArrayList<>(CprctlUnderTest.command());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("CPRKIT_RUNTIME_DIR", folder.resolve("run").toString());
        builder.environment().put("CPRKIT_STATE_DIR", folder.resolve("state").toString());
        return builder;
    }

    static Process start(Path folder, String... arguments) throws IOException {
        return builder(folder, arguments)
                .redirectOutput(folder.resolve("cprctl.out").toFile())
                .redirectError(folder.resolve("cprctl.err").toFile())
                .start();
    }

    static Cprctl finish(Path folder, Process process) throws IOException, InterruptedException {
        if (!process.waitFor(90, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("cprctl did not end");
        }
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("cprctl.out"))) {
            lines.add(JSON.readTree(line));
        }
        return new Cprctl(process.exitValue(), lines, Files.readString(folder.resolve("cprctl.err")));
    }

    static Cprctl run(Path folder, String... arguments) throws IOException, InterruptedException {
        return finish(folder, start(folder, arguments));
    }

    JsonNode last() {
        return lines.getLast();
    }

    /** How the operation ended. */
    JsonNode outcome() {
        return last().path("outcome");
    }

    /** The VM after it. */
    JsonNode vm() {
        return last().path("vm-status");
    }

    List<String> phases() {
        return lines.stream()
                .filter(line -> line.path("type").asText().equals("step"))
                .map(line -> line.path("state").asText())
                .toList();
    }
}
