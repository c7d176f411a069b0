package dev.cprkit.vmm.monitor.hmp.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.vmm.monitor.qmp.MonitorFixture;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The texts are QEMU 11.1's for what this machine has. */
class ObjectHmpTest {
    @TempDir
    private Path folder;

    private MonitorFixture monitors;

    @BeforeEach
    void start() throws Exception {
        monitors = new MonitorFixture(folder);
    }

    @AfterEach
    void stop() {
        monitors.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "object_add ~ object_add: string expected;Try \"help object_add\" for more information;",
                "object_add foo ~ Error: Parameter 'qom-type' does not accept value 'foo';",
                "object_add id=1 ~ Error: Parameter 'qom-type' is missing;",
                "object_add rng-random ~ Error: Parameter 'id' is missing;",
                "object_add rng-random,id=1x ~ Error: Parameter 'id' expects an identifier;"
                        + "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.;",
                "object_add rng-random,id=x,foo=1 ~ Error: Parameter 'foo' is unexpected;",
                "object_add memory-backend-ram,id=m0 ~ Error: Parameter 'size' is missing;",
                "object_add {'qom-type':'rng-random','id':'j'} ~ ``",
                "object_del foo ~ Error: object 'foo' not found;",
                "object_del ~ object_del: string expected;Try \"help object_del\" for more information;",
                "device_add ~ Error: Parameter 'driver' is missing;",
                "device_add foo=1 ~ Error: Parameter 'driver' is missing;",
                "device_add foo ~ Error: 'foo' is not a valid device model name;",
                "device_add driver=foo ~ Error: 'foo' is not a valid device model name;",
                "device_add virtio-rng-device,id=r1 ~ Error: Bus 'virtio-mmio-bus.6' does not support hotplugging;",
                "device_add virtio-rng-device,bus=foo ~ Error: Bus 'foo' not found;",
                "device_add foo bar ~ device_add: extraneous characters at the end of line;"
                        + "Try \"help device_add\" for more information;",
                "device_add help ~ Misc devices:;name \"virtio-rng-device\", bus virtio-bus;",
                "device_del foo ~ Error: Device 'foo' not found;",
                "device_del ~ device_del: string expected;Try \"help device_del\" for more information;",
                "netdev_add ~ Error: Parameter 'id' is missing;",
                "netdev_add foo ~ Error: Parameter 'id' is missing;",
                "netdev_add foo,id=n ~ Error: Parameter 'type' does not accept value 'foo';",
                "netdev_del foo ~ Error: Device 'foo' not found;",
                "getfd ~ getfd: string expected;Try \"help getfd\" for more information;",
                "getfd foo ~ Error: No file descriptor supplied via SCM_RIGHTS;",
                "closefd foo ~ Error: File descriptor named 'foo' not found;",
            })
    void answers(String line, String answer) throws Exception {
        assertThat(run(line)).isEqualTo(answer.replace(';', '\n'));
    }

    @Test
    void objectsComeAndGo() throws Exception {
        assertThat(run("object_add rng-random,id=rr")).isEmpty();
        assertThat(run("object_add rng-random,id=rr"))
                .isEqualTo("Error: attempt to add duplicate property 'rr' to object (type 'container')\n");
        assertThat(run("object_add memory-backend-ram,id=m0,size=1M")).isEmpty();
        assertThat(run("info memdev")).contains("memory backend: m0\n  size:  1048576\n");
        assertThat(run("object_del rr")).isEmpty();
        assertThat(run("object_del rr")).isEqualTo("Error: object 'rr' not found\n");
        assertThat(run("object_add help")).startsWith("List of user creatable objects:\n  memory-backend-file\n");
        assertThat(run("object_add rng-random,help")).startsWith("rng-random options:\n  filename=<string>\n");
        assertThat(run("device_add virtio-rng-device,help"))
                .startsWith("virtio-rng-device options:\n")
                .contains("  max-bytes=<uint64>     -  (default: 9223372036854775807)\n");
    }

    private String run(String line) throws Exception {
        return monitors.call(() -> {
            StringBuilder text = new StringBuilder();
            monitors.shell().run(line, text::append);
            return text.toString();
        });
    }
}
