package dev.cprkit.vmm.monitor.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.vmm.chardev.Peer;
import dev.cprkit.vmm.run.Yank;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutOfBandTest {
    private static final String ENABLE = "{'execute': 'qmp_capabilities', 'arguments': {'enable': ['oob']}}";

    @TempDir
    private Path folder;

    private MonitorFixture monitors;
    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch stuck = new CountDownLatch(1);

    @BeforeEach
    void start() throws Exception {
        monitors = new MonitorFixture(folder);
        monitors.registry.add("stick", arguments -> {
            stuck.countDown();
            try {
                assertThat(release.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new JsonObject();
        });
    }

    @AfterEach
    void stop() {
        release.countDown();
        monitors.close();
    }

    @Test
    void getsThroughWhileTheMainLoopIsHeldUp() throws Exception {
        int[] sockets = Sockets.pair();
        Yank.Instance instance = monitors.yank.register(Yank.Target.MIGRATION);
        instance.connected(OptionalInt.of(sockets[0]));
        monitors.registry.add("read-silent-peer", arguments -> {
            stuck.countDown();
            try {
                assertThat(Fds.read(sockets[0], new byte[1], 0, 1)).isZero();
            } catch (ErrnoException e) {
                throw new UncheckedIOException(e);
            }
            return new JsonObject();
        });
        try (Peer peer = monitors.qmp("q", false)) {
            peer.readTo("\r\n");
            peer.send(ENABLE);
            peer.readTo("\r\n");
            peer.send("{'execute': 'read-silent-peer', 'id': 'stuck'}");
            assertThat(stuck.await(20, TimeUnit.SECONDS)).isTrue();
            peer.send("{'exec-oob': 'query-yank', 'id': 1}");
            assertThat(peer.readTo("\r\n"))
                    .isEqualTo(
                            "{\"return\": [{\"type\": \"migration\"}, {\"type\": \"chardev\", \"id\": \"q\"}], \"id\":"
                                    + " 1}\r\n");
            peer.send("{'exec-oob': 'query-status', 'id': 2}");
            assertThat(peer.readTo("\r\n")).contains("The command query-status does not support OOB");
            peer.send("{'exec-oob': 'yank', 'arguments': {'instances': [{'type': 'migration'}]}, 'id': 3}");
            assertThat(peer.readTo("\"id\": \"stuck\"}\r\n"))
                    .isEqualTo("{\"return\": {}, \"id\": 3}\r\n{\"return\": {}, \"id\": \"stuck\"}\r\n");
        }
        instance.close();
        Fds.close(sockets[0]);
        Fds.close(sockets[1]);
        assertThat(monitors.run("query-yank", "{}")).doesNotContain("migration");
    }

    @Test
    void queuesEightRequestsAndLeavesTheRestWhereItIs() throws Exception {
        try (Peer peer = monitors.qmp("q", false)) {
            peer.readTo("\r\n");
            peer.send(ENABLE);
            peer.readTo("\r\n");
            peer.send("{'execute': 'stick'}");
            assertThat(stuck.await(20, TimeUnit.SECONDS)).isTrue();
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 8; i++) {
                requests.append("{'execute': 'query-name', 'id': ").append(i).append('}');
            }
            peer.send(requests + "{'exec-oob': 'query-yank', 'id': 'late'}");
            release.countDown();
            assertThat(peer.readTo("\"id\": 0}\r\n")).doesNotContain("late");
            assertThat(peer.readTo("\"id\": \"late\"}\r\n"))
                    .contains("{\"return\": [{\"type\": \"chardev\", \"id\": \"q\"}], \"id\": \"late\"}");
        }
    }

    @Test
    void isNotThereBeforeItIsAskedFor() throws Exception {
        try (Peer peer = monitors.negotiated("q")) {
            peer.send("{'exec-oob': 'query-yank'}");
            assertThat(peer.readTo("\r\n")).contains("QMP input member 'exec-oob' is unexpected");
        }
    }

    @Test
    void aReplyIsNotForTheNextClient() throws Exception {
        try (Peer first = monitors.negotiated("q")) {
            first.send("{'execute': 'stick', 'id': 'first'}");
            assertThat(stuck.await(20, TimeUnit.SECONDS)).isTrue();
        }
        try (Peer next = Peer.connect(monitors.path("q"))) {
            assertThat(next.readTo("\r\n")).startsWith("{\"QMP\"");
            release.countDown();
            next.send("{'execute': 'qmp_capabilities'}");
            assertThat(next.readTo("\r\n")).isEqualTo("{\"return\": {}}\r\n");
        }
    }

    @Test
    void aMonitorCanBeAddedAndRemoved() throws Exception {
        String path = monitors.path("m");
        String chardev =
                "{'id': 'm', 'backend': {'type': 'socket', 'data': {'addr': {'type': 'unix', 'data': {'path': '" + path
                        + "'}}}}}";
        assertThat(monitors.run("chardev-add", chardev)).isEqualTo("{}");
        assertThat(monitors.run("object-add", "{'qom-type': 'monitor-qmp', 'id': 'mon', 'chardev': 'm'}"))
                .isEqualTo("{}");
        assertThat(monitors.run("object-add", "{'qom-type': 'monitor-qmp', 'id': 'mon2', 'chardev': 'm'}"))
                .startsWith("GenericError: chardev \"m\" is in use");
        try (Peer peer = Peer.connect(path)) {
            peer.readTo("\r\n");
            peer.send("{'execute': 'qmp_capabilities'}{'execute': 'query-name'}");
            peer.readTo("{\"return\": {\"name\": \"vm\"}}\r\n");
            assertThat(monitors.run("qom-get", "{'path': '/objects/mon', 'property': 'chardev'}"))
                    .isEqualTo("\"m\"");
            assertThat(monitors.run("chardev-remove", "{'id': 'm'}")).isEqualTo("GenericError: Chardev 'm' is busy");
            assertThat(monitors.run("object-del", "{'id': 'mon'}")).isEqualTo("{}");
            assertThat(monitors.run("chardev-remove", "{'id': 'm'}")).isEqualTo("{}");
            assertThat(peer.readAll()).isEmpty();
        }
        assertThat(Path.of(path)).doesNotExist();
    }
}
