package dev.cprkit.vmm.monitor.hmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionsTest {
    @TempDir
    private Path folder;

    private final HmpRegistry registry = new HmpRegistry();
    private final Completions completions = new Completions(new HmpShell(registry).registry());

    CompletionsTest() {
        registry.add(HmpCommand.of(List.of("cont", "c"), "", "", "", (out, a) -> {}));
        registry.add(HmpCommand.of("logfile", "filename:F", "", "", (out, a) -> {}));
        registry.add(HmpCommand.of("set", "detach:-d,name:s,state:b,mode:s", "", "", (out, a) -> {})
                .completing(position -> switch (position) {
                    case 0 -> List.of("mode", "max", "dirty");
                    case 2 -> List.of("normal", "none");
                    default -> List.of();
                }));
        registry.addInfo(HmpCommand.of("mem", "", "", "", (out, a) -> {}));
        registry.addInfo(HmpCommand.of("migrate", "all:-a,what:s", "", "", (out, a) -> {})
                .completing(position -> List.of("all")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '%',
            quoteCharacter = '`',
            value = {
                "`` % ? c cont help info logfile set",
                "c % c cont",
                "`info ` % mem migrate",
                "info me % mem",
                "`info migrate ` % all",
                "`help ` % ? c cont help info logfile set",
                "help lo % logfile",
                "? co % cont",
                "help info mi % migrate",
                "`help set ` % ``",
                "set m % max mode",
                "`set -d mode ` % off on",
                "set mode o % off on",
                "set mode on no % none normal",
                "`set mode on none ` % ``",
                "`nosuch ` % ``",
                "`cont ` % ``",
            })
    void offers(String typed, String words) {
        assertThat(String.join(" ", completions.of(typed))).isEqualTo(words);
    }

    @Test
    void offersFiles() throws IOException {
        Files.createFile(folder.resolve("a1"));
        Files.createDirectory(folder.resolve("a2"));
        Files.createFile(folder.resolve("b"));
        assertThat(completions.of("logfile " + folder + "/a")).containsExactly(folder + "/a1", folder + "/a2/");
        assertThat(completions.of("logfile /nosuch/")).isEmpty();
    }
}
