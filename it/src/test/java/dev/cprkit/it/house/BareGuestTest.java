package dev.cprkit.it.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The checked-in bytes of the bare-metal guest are those of its source. */
class BareGuestTest {
    @ParameterizedTest
    @ValueSource(strings = {"guest/bare/bare.bin", "guest/x86/boot.bin"})
    void the_checked_in_guest_is_what_its_source_assembles_to(String binary, @TempDir Path folder) throws Exception {
        Path checkedIn = Checkout.ROOT.resolve(binary);
        Path assembled = folder.resolve("guest");
        String script = Path.of(binary).resolveSibling("build").toString();
        Checkout.Ended build = Checkout.run(60, Map.of(), script, assembled.toString());
        assumeTrue(build.status() != 77, () -> "no assembler: " + build.err().strip());
        assertThat(build.err()).isEmpty();
        assertThat(build.status()).isZero();
        assertThat(Files.readAllBytes(assembled))
                .as(binary + " is stale; run " + script)
                .isEqualTo(Files.readAllBytes(checkedIn));
    }
}
