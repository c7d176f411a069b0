package dev.cprkit.it.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** bin/demo, with the guest that needs no network. */
class DemoIT {
    @Test
    void the_demo_updates_the_guest_shows_a_table_and_leaves_nothing_behind() throws Exception {
        Set<Path> before = folders();
        Checkout.Ended demo = Checkout.run(110, Map.of(), "bin/demo", "--bare", "--ram", "64M", "--updates", "2");
        assertThat(demo.err())
                .contains("update 1 of 2")
                .contains("update 2 of 2")
                .doesNotContain("does not hold");
        assertThat(demo.status()).as(demo.err()).isZero();
        assertThat(demo.out().strip().lines().filter(line -> !line.isBlank()))
                .hasSize(5)
                .last()
                .isEqualTo("The guest ran on through 2 updates, each into another process.");
        assertThat(demo.out()).containsPattern("(?m)^1 +\\d+ -> \\d+ +\\d+\\.\\d\\d ms +\\d+ -> \\d+ .* ok +1$");
        assertThat(folders()).isEqualTo(before);
    }

    @Test
    void a_wrong_option_is_one_line() throws Exception {
        Checkout.Ended demo = Checkout.run(30, Map.of(), "bin/demo", "--updates", "many");
        assertThat(demo.status()).isEqualTo(2);
        assertThat(demo.err()).isEqualTo("demo: --updates takes a number from 1 on, not 'many'; see demo --help\n");
    }

    @Test
    void an_emulator_that_cannot_start_is_told_and_leaves_nothing_behind() throws Exception {
        Set<Path> before = folders();
        Checkout.Ended demo = Checkout.run(30, Map.of(), "bin/demo", "--bare", "--vmm", "/bin/false");
        assertThat(demo.status()).isEqualTo(1);
        assertThat(demo.err()).contains("demo: /bin/false cannot start");
        assertThat(folders()).isEqualTo(before);
    }

    private static Set<Path> folders() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/tmp"))) {
            return all.filter(path -> path.getFileName().toString().startsWith("cprkit-demo."))
                    .collect(TreeSet::new, Set::add, Set::addAll);
        }
    }
}
