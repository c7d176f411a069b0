package dev.cprkit.it.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every test that SPECIFICATION.md names is there. */
class SpecificationTest {
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT))(?:\\.(\\w+))?`");
    private static final List<String> MODULES = List.of("common-proto", "vmm", "agent", "cprctl", "it");

    @Test
    void every_promise_names_a_test_that_exists() throws IOException {
        List<Path> sources = sources();
        List<String> missing = new ArrayList<>();
        int promises = 0;
        for (String line : Files.readAllLines(Checkout.ROOT.resolve("SPECIFICATION.md"))) {
            if (!line.startsWith("| ") || line.endsWith("| test |")) {
                continue;
            }
            promises++;
            Matcher named = TEST.matcher(line);
            assertThat(named.find()).as("a test in: " + line).isTrue();
            do {
                if (!exists(sources, named.group(1), named.group(2))) {
                    missing.add(named.group());
                }
            } while (named.find());
        }
        assertThat(promises).isGreaterThan(20);
        assertThat(missing).as("tests that SPECIFICATION.md names").isEmpty();
    }

    private static boolean exists(List<Path> sources, String type, String method) throws IOException {
        for (Path source : sources) {
            if (source.endsWith(type + ".java")) {
                return method == null
                        || Pattern.compile("(void|ArchRule) " + method + "\\b")
                                .matcher(Files.readString(source))
                                .find();
            }
        }
        return false;
    }

    private static List<Path> sources() throws IOException {
        List<Path> found = new ArrayList<>();
        for (String module : MODULES) {
            Path tests = Checkout.ROOT.resolve(module).resolve("src/test/java");
            if (Files.isDirectory(tests)) {
                try (Stream<Path> all = Files.walk(tests)) {
                    all.filter(file -> file.toString().endsWith(".java")).forEach(found::add);
                }
            }
        }
        return found;
    }
}
