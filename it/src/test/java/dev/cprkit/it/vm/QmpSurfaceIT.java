package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** QMP of the whole program, as a management program goes about it. */
class QmpSurfaceIT {
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
            assertThat(vm.execute("query-yank")).isEmpty();
            vm.execute("migrate", "{'uri':'unix:" + path + "'}");
            vm.awaitMigration("active");
            assertThat(vm.execute("query-yank").findValuesAsText("type")).containsExactly("migration");
            vm.execute("yank", "{'instances':[{'type':'migration'}]}");
            vm.awaitMigration("failed");
            assertThat(vm.execute("query-yank")).isEmpty();
            assertThat(vm.status()).isEqualTo("running");
            guest.awaitCount(guest.count() + 1);
        }
    }
}
