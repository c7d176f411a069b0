package dev.cprkit.vmm.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.machine.RealMachine;
import dev.cprkit.vmm.state.DescriptionWalker;
import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The stream of the machine that a command line describes, taken apart by its own description. */
@Timeout(60)
class RealStreamTest {
    private static byte[] stream(MigrationCapabilities capabilities, byte[] uuid, String... words) throws Exception {
        try (RealMachine real = RealMachine.of(words)) {
            return real.on(() -> {
                StreamContent content = StreamContent.of(real.machine(), capabilities, new StreamOptions(), uuid);
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                all.writeBytes(StreamWriter.write(content, false));
                all.writeBytes(StreamWriter.description(content));
                return all.toByteArray();
            });
        }
    }

    @Test
    void anIndependentAnalyserUsesEveryByteOfARealMachinesStream() throws Exception {
        MigrationCapabilities capabilities = new MigrationCapabilities();
        assertThat(DescriptionWalker.walkStream(stream(
                        capabilities,
                        new byte[0],
                        "-M",
                        "virt",
                        "-m",
                        "16M",
                        "-bios",
                        "none",
                        "-nodefaults",
                        "-device",
                        "virtio-rng-device",
                        "-device",
                        "virtio-rng-device")))
                .isGreaterThanOrEqualTo(8);
    }

    @Test
    void theConfigurationIsDescribedWithItsCapabilities() throws Exception {
        MigrationCapabilities capabilities = new MigrationCapabilities();
        capabilities.set(MigrationCapability.VALIDATE_UUID, true);
        capabilities.set(MigrationCapability.MAPPED_RAM, true);
        assertThat(DescriptionWalker.walkStream(
                        stream(capabilities, new byte[16], "-M", "virt", "-m", "16M", "-bios", "none", "-nodefaults")))
                .isGreaterThanOrEqualTo(6);
    }
}
