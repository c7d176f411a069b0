package dev.cprkit.vmm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each mistake has its one line; the table is a resource. */
class RefusedCommandLineTest {
    static List<Arguments> table() throws IOException {
        List<String> lines;
        try (InputStream in = RefusedCommandLineTest.class.getResourceAsStream("refused-command-lines.txt")) {
            lines = new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        }
        List<Arguments> rows = new ArrayList<>();
        for (int i = 0; i < lines.size(); i += 2) {
            assertThat(lines.get(i)).doesNotStartWith(" ");
            assertThat(lines.get(i + 1)).startsWith("    ");
            rows.add(Arguments.of(lines.get(i), lines.get(i + 1).strip()));
        }
        return rows;
    }

    @ParameterizedTest
    @MethodSource("table")
    void saysWhatIsWrong(String line, String text) {
        assertThat(CommandLines.refused(CommandLines.words(line))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-object {\"qom-type\":\"rng-builtin\",\"id\":\"a\"",
                "-incoming {\"channel-type\":\"main\"",
                "-device {\"driver\":",
                "-object {} x"
            })
    void saysThatJsonIsBroken(String line) {
        String[] words = line.split(" ", 2);
        assertThat(CommandLines.refused(words))
                .startsWith(line + ": ")
                .containsAnyOf("JSON parse error, premature end of input", "Expecting at most one JSON value");
    }
}
