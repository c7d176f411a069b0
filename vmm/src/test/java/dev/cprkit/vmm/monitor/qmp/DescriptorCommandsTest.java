package dev.cprkit.vmm.monitor.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.chardev.ChardevOptions;
import dev.cprkit.vmm.chardev.Peer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptorCommandsTest {
    @TempDir
    private Path folder;

    @Test
    void namesThePassedDescriptor() throws Exception {
        Path file = folder.resolve("f");
        int fd = Fds.open(file.toString(), Fds.O_RDWR | Fds.O_CREAT, 0600);
        try (MonitorFixture monitors = new MonitorFixture(folder);
                Peer peer = monitors.negotiated("q")) {
            assertThat(ask(peer, "{'execute': 'getfd', 'arguments': {'fdname': 'mig'}}"))
                    .contains("No file descriptor supplied via SCM_RIGHTS");
            assertThat(ask(peer, "{'execute': 'getfd', 'arguments': {'fdname': '1mig'}}", fd))
                    .contains("Parameter 'fdname' expects a name not starting with a digit");
            assertThat(ask(peer, "{'execute': 'getfd', 'arguments': {'fdname': 'mig'}}", fd))
                    .isEqualTo("{\"return\": {}}\r\n");
            assertThat(ask(peer, "{'execute': 'getfd', 'arguments': {'fdname': 'mig'}}", fd))
                    .isEqualTo("{\"return\": {}}\r\n");
            OptionalInt taken = monitors.call(() -> monitors.descriptors.take("mig"));
            assertThat(Files.isSameFile(Path.of("/proc/self/fd/" + taken.orElseThrow()), file))
                    .isTrue();
            Fds.close(taken.getAsInt());
            assertThat(ask(peer, "{'execute': 'closefd', 'arguments': {'fdname': 'mig'}}"))
                    .contains("File descriptor named 'mig' not found");
            ask(peer, "{'execute': 'getfd', 'arguments': {'fdname': 'mig'}}", fd);
            assertThat(ask(peer, "{'execute': 'closefd', 'arguments': {'fdname': 'mig'}}"))
                    .isEqualTo("{\"return\": {}}\r\n");
        } finally {
            Fds.close(fd);
        }
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                assertThat(Files.exists(descriptor) && Files.isSameFile(descriptor, file))
                        .as("a descriptor is left over")
                        .isFalse();
            }
        }
    }

    @Test
    void namesWhatComesWithALineOfTheHumanMonitor() throws Exception {
        Path file = folder.resolve("f");
        int fd = Fds.open(file.toString(), Fds.O_RDWR | Fds.O_CREAT, 0600);
        try (MonitorFixture monitors = new MonitorFixture(folder);
                Peer peer = monitors.hmp("h", ChardevOptions.NONE)) {
            peer.readTo("(qemu) ");
            peer.send("getfd mig\r", fd);
            assertThat(peer.readTo("(qemu) ")).endsWith("getfd mig\033[K\r\n(qemu) ");
            OptionalInt taken = monitors.call(() -> monitors.descriptors.take("mig"));
            assertThat(Files.isSameFile(Path.of("/proc/self/fd/" + taken.orElseThrow()), file))
                    .isTrue();
            Fds.close(taken.getAsInt());
            peer.send("getfd 1x\r", fd);
            assertThat(peer.readTo("(qemu) "))
                    .endsWith("Error: Parameter 'fdname' expects a name not starting with a digit\r\n(qemu) ");
        } finally {
            Fds.close(fd);
        }
    }

    private static String ask(Peer peer, String request, int... fds) throws Exception {
        peer.send(request, fds);
        return peer.readTo("\r\n");
    }
}
