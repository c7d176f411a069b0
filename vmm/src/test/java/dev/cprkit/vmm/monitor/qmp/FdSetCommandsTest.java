package dev.cprkit.vmm.monitor.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.chardev.Peer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FdSetCommandsTest {
    @TempDir
    private Path folder;

    /** Sent without waiting for replies: each command gets the descriptor that came with it. */
    @Test
    void aPassedFileServesAsAPath() throws Exception {
        Path file = folder.resolve("out");
        int fd = Fds.open(file.toString(), Fds.O_WRONLY | Fds.O_CREAT, 0600);
        Path ram = folder.resolve("ram");
        Files.write(ram, new byte[4096]);
        int memory = Fds.open(ram.toString(), Fds.O_RDWR, 0);
        try (MonitorFixture monitors = new MonitorFixture(folder);
                Peer peer = monitors.negotiated("q")) {
            peer.send("{'execute': 'add-fd', 'arguments': {'fdset-id': 4, 'opaque': 'log'}}", fd);
            peer.send("{'execute': 'add-fd', 'arguments': {'fdset-id': -1}}", fd);
            peer.send("{'execute': 'add-fd'}", memory);
            peer.send("{'execute': 'add-fd'}");
            assertThat(peer.readTo("\r\n")).startsWith("{\"return\": {\"fdset-id\": 4, \"fd\": ");
            assertThat(peer.readTo("\r\n")).contains("Parameter 'fdset-id' expects a non-negative value");
            assertThat(peer.readTo("\r\n")).startsWith("{\"return\": {\"fdset-id\": 0, \"fd\": ");
            assertThat(peer.readTo("\r\n")).contains("No file descriptor supplied via SCM_RIGHTS");

            assertThat(monitors.run("query-fdsets", "{}"))
                    .contains("\"fdset-id\": 4")
                    .contains("\"opaque\": \"log\"");
            assertThat(monitors.run(
                            "chardev-add",
                            "{'id': 'log', 'backend': {'type': 'file', 'data': {'out': '/dev/fdset/4'}}}"))
                    .isEqualTo("{}");
            assertThat(monitors.run(
                            "chardev-add",
                            "{'id': 'log2', 'backend': {'type': 'file', 'data': {'out': '/dev/fdset/0'}}}"))
                    .isEqualTo("GenericError: Failed to add chardev 'log2': Could not open '/dev/fdset/0':"
                            + " Permission denied");
            assertThat(monitors.run("remove-fd", "{'fdset-id': 4}")).isEqualTo("{}");
            monitors.call(() -> {
                monitors.chardevs
                        .claim("log")
                        .write("hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, 5);
                return true;
            });
            assertThat(file).hasContent("hello");

            assertThat(monitors.run(
                            "object-add",
                            "{'qom-type': 'memory-backend-file', 'id': 'm', 'size': 4096, 'share': true,"
                                    + " 'mem-path': '/dev/fdset/0'}"))
                    .isEqualTo("{}");
            assertThat(monitors.run("object-del", "{'id': 'm'}")).isEqualTo("{}");
            assertThat(monitors.run("remove-fd", "{'fdset-id': 0}")).isEqualTo("{}");
            assertThat(monitors.run("query-fdsets", "{}")).isEqualTo("[]");
        } finally {
            Fds.close(fd);
            Fds.close(memory);
        }
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                assertThat(Files.exists(descriptor)
                                && (Files.isSameFile(descriptor, file) || Files.isSameFile(descriptor, ram)))
                        .as("a descriptor is left over")
                        .isFalse();
            }
        }
    }
}
