package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** QMP of the whole program, as a management program goes about it. */
class QmpSurfaceIT {
    /** The client's own connection, which is the first that an emulator has. */
    private static final String MONITOR = "{\"type\":\"chardev\",\"id\":\"compat_monitor0\"}";

    @TempDir
    private Path folder;

    @Test
    void theSchemaIsTrueForEveryCommand() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess vm = Updates.boot(folder, guest)) {
            Map<String, JsonNode> schema = new HashMap<>();
            for (JsonNode entry : vm.execute("query-qmp-schema")) {
                assertThat(schema.put(entry.get("name").asText(), entry)).isNull();
            }
            TreeSet<String> described = new TreeSet<>();
            schema.forEach((name, entry) -> {
                if (entry.get("meta-type").asText().equals("command")) {
                    described.add(name);
                }
            });
            TreeSet<String> known = new TreeSet<>();
            for (JsonNode command : vm.execute("query-commands")) {
                known.add(command.get("name").asText());
            }
            assertThat(described).isEqualTo(known).contains("migrate", "object-add", "set-action", "yank");
            known.remove("qmp_capabilities");
            for (String name : known) {
                JsonNode type = schema.get(schema.get(name).get("arg-type").asText());
                String required = "";
                for (JsonNode member : type.get("members")) {
                    if (required.isEmpty() && !member.has("default")) {
                        required = member.get("name").asText();
                    }
                }
                assertThat(vm.refused(name, "{'no-such-member':1}"))
                        .as(name)
                        .isEqualTo(
                                required.isEmpty()
                                        ? "Parameter 'no-such-member' is unexpected"
                                        : "Parameter '" + required + "' is missing");
            }
            guest.awaitCount(guest.count() + 1);
        }
    }

    @Test
    void featuresForAnUpdateAreFoundAsInQemu() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess vm = Updates.boot(folder, guest)) {
            assertThat(vm.execute("qom-get", "{'path':'/machine','property':'aux-ram-share'}")
                            .asBoolean())
                    .isTrue();
            assertThat(vm.execute("qom-get", "{'path':'/objects/ram0','property':'share'}")
                            .asBoolean())
                    .isTrue();
            assertThat(vm.execute("qom-list-properties", "{'typename':'virt-machine'}")
                            .findValuesAsText("name"))
                    .contains("aux-ram-share");
            assertThat(vm.execute("query-qmp-schema").findValuesAsText("name"))
                    .contains("normal", "cpr-reboot", "cpr-transfer", "cpr-exec");
            assertThat(vm.refused("device_add", "{'driver':'virtio-rng-device','id':'r'}"))
                    .isEqualTo("Bus 'virtio-mmio-bus.7' does not support hotplugging");
        }
    }

    @Test
    void aMigrationThatHangsIsYankedAndTheGuestRunsOn() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        Path path = folder.resolve("nobody");
        try (VmProcess vm = Updates.boot(folder, guest);
                ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            silent.bind(UnixDomainSocketAddress.of(path));
            guest.awaitCount(1);
            assertThat(vm.execute("query-yank").toString()).isEqualTo("[" + MONITOR + "]");
            vm.execute("migrate", "{'uri':'unix:" + path + "'}");
            vm.awaitMigration("active");
            assertThat(vm.execute("query-yank").toString()).isEqualTo("[" + MONITOR + ",{\"type\":\"migration\"}]");
            vm.execute("yank", "{'instances':[{'type':'migration'}]}");
            vm.awaitMigration("failed");
            assertThat(vm.execute("query-yank").toString()).isEqualTo("[" + MONITOR + "]");
            assertThat(vm.status()).isEqualTo("running");
            guest.awaitCount(guest.count() + 1);
        }
    }

    @Test
    void aSerialLineWhoseClientHangsIsYankedAndServesTheNext() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        Path path = folder.resolve("line");
        String line = "{'type':'chardev','id':'line'}";
        try (VmProcess vm = Updates.boot(folder, guest, "-chardev", "socket,id=line,server=on,wait=off,path=" + path)) {
            assertThat(filename(vm)).startsWith("disconnected:");
            SocketChannel hung = SocketChannel.open(UnixDomainSocketAddress.of(path));
            Await.until(
                    VmProcess.LIMIT,
                    () -> "a connected line",
                    () -> filename(vm).equals("unix:" + path + ",server=on"));
            assertThat(vm.execute("query-yank").findValuesAsText("id"))
                    .containsExactlyInAnyOrder("line", "compat_monitor0");
            vm.execute("yank", "{'instances':[" + line + "]}");
            assertThat(hung.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            hung.close();
            Await.until(VmProcess.LIMIT, () -> "a free line", () -> filename(vm).startsWith("disconnected:"));
            try (SocketChannel next = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                Await.until(
                        VmProcess.LIMIT,
                        () -> "the next client",
                        () -> filename(vm).startsWith("unix:"));
                assertThat(next.isConnected()).isTrue();
            }
            assertThat(vm.refused("yank", "{'instances':[{'type':'chardev','id':'console'}]}"))
                    .isEqualTo("Instance not found");
        }
    }

    private static String filename(VmProcess vm) throws Exception {
        for (JsonNode chardev : vm.execute("query-chardev")) {
            if (chardev.get("label").asText().equals("line")) {
                return chardev.get("filename").asText();
            }
        }
        return "";
    }
}
