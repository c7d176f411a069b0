package dev.cprkit.it.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checked-in bytes of the bare-metal guest are those of its source. */
class BareGuestTest {
    private static final Path BINARY = Checkout.ROOT.resolve("guest/bare/bare.bin");

    @Test
    void the_checked_in_guest_is_what_its_source_assembles_to(@TempDir Path folder) throws Exception {
        Path assembled = folder.resolve("bare.bin");
        Checkout.Ended build = Checkout.run(60, Map.of(), "guest/bare/build", assembled.toString());
        assumeTrue(
                build.status() != 77,
                () -> "no RISC-V cross assembler: " + build.err().strip());
        assertThat(build.err()).isEmpty();
        assertThat(build.status()).isZero();
        assertThat(Files.readAllBytes(assembled))
                .as("guest/bare/bare.bin is stale; run guest/bare/build")
                .isEqualTo(Files.readAllBytes(BINARY));
    }
}
