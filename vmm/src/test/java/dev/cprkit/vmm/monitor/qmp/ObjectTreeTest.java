package dev.cprkit.vmm.monitor.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.cli.CommandLine;
import dev.cprkit.vmm.cli.Invocation;
import dev.cprkit.vmm.machine.ObjectTree;
import dev.cprkit.vmm.machine.config.MachineConfig;
import dev.cprkit.vmm.qom.QomException;
import dev.cprkit.vmm.qom.QomTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects, their tree and their types, as clients use them. */
class ObjectTreeTest {
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

    @Test
    void clientsFindOutWhetherAnUpdateIsPossible() throws Exception {
        assertThat(get("/machine", "aux-ram-share")).isEqualTo("true");
        assertThat(get("/machine", "memory-backend")).isEqualTo("\"/objects/ram0\"");
        assertThat(get("/machine", "type")).isEqualTo("\"virt-machine\"");
        assertThat(get("/objects/ram0", "share")).isEqualTo("true");
        assertThat(get("ram0", "size")).isEqualTo("67108864");
        assertThat(get("/machine/memory-backend", "share")).isEqualTo("true");
        assertThat(get("/machine/peripheral", "rng0")).isEqualTo("\"/machine/peripheral/rng0\"");
        assertThat(get("/machine/peripheral/rng0", "parent_bus"))
                .isEqualTo("\"/machine/unattached/device[11]/virtio-mmio-bus.7\"");
        assertThat(monitors.run("qom-list-properties", "{'typename': 'virt-machine'}"))
                .contains("\"name\": \"aux-ram-share\"");
        assertThat(monitors.run("device-list-properties", "{'typename': 'virtio-rng-device'}"))
                .isEqualTo("[{\"name\": \"rng\", \"type\": \"link<rng-backend>\"},"
                        + " {\"name\": \"period\", \"type\": \"uint32\", \"default-value\": 65536},"
                        + " {\"name\": \"max-bytes\", \"type\": \"uint64\", \"default-value\": 9223372036854775807}]");
        assertThat(monitors.run("qom-list", "{'path': '/machine/peripheral'}"))
                .isEqualTo("[{\"name\": \"type\", \"type\": \"string\"},"
                        + " {\"name\": \"rng0\", \"type\": \"child<virtio-rng-device>\"}]");
        assertThat(monitors.run("query-command-line-options", "{'option': 'machine'}"))
                .contains("\"name\": \"aux-ram-share\"");
    }

    @Test
    void everyPropertyOfEveryObjectCanBeRead() throws Exception {
        List<String> paths = new ArrayList<>(List.of("/"));
        for (int i = 0; i < paths.size(); i++) {
            String path = paths.get(i);
            JsonArray properties = (JsonArray) JsonText.parse(monitors.run("qom-list", "{'path': '" + path + "'}"));
            for (JsonValue value : properties.values()) {
                JsonObject property = (JsonObject) value;
                String name = ((JsonString) property.members().get("name")).value();
                String below = (path.equals("/") ? "" : path) + "/" + name;
                String type = ((JsonString) property.members().get("type")).value();
                String answer = get(path, name);
                assertThat(answer).doesNotStartWith("GenericError");
                if (type.startsWith("child<")) {
                    assertThat(answer).isEqualTo("\"" + below + "\"");
                    assertThat("child<" + get(below, "type").replace("\"", "") + ">")
                            .isEqualTo(type);
                    paths.add(below);
                }
            }
        }
        assertThat(paths)
                .contains(
                        "/machine/soc0/harts[0]",
                        "/machine/unattached/device[14]/serial",
                        "/machine/unattached/device[15]",
                        "/objects/ram0",
                        "/objects/r0")
                .hasSizeGreaterThan(30);
    }

    @Test
    void whereNothingExecutesTheDevicesAreNumberedAsQemuDoesThere() throws Exception {
        String[] words = {"-accel", "qtest", "-machine", "virt", "-m", "64M", "-display", "none", "-nodefaults"};
        MachineConfig config = ((Invocation.Run) CommandLine.parse(List.of(words), "")).config();
        QomTree tree = ObjectTree.of(config, Map::of, Map::of);
        List<String> types = new ArrayList<>();
        for (int number : new int[] {0, 1, 2, 9, 12, 13}) {
            types.add(tree.find("/machine/unattached/device[" + number + "]")
                    .type()
                    .name());
        }
        assertThat(types)
                .containsExactly(
                        "riscv.sifive.plic",
                        "riscv.sifive.test",
                        "virtio-mmio",
                        "virtio-mmio",
                        "serial-mm",
                        "goldfish_rtc");
        assertThatThrownBy(() -> tree.find("/machine/unattached/device[14]")).isInstanceOf(QomException.class);
    }

    @Test
    void listsOneObjectsProperties() throws Exception {
        assertThat(monitors.run("qom-list-get", "{'paths': ['/objects/r0']}"))
                .isEqualTo("[{\"properties\": [{\"name\": \"type\", \"type\": \"string\", \"value\": \"rng-random\"},"
                        + " {\"name\": \"opened\", \"type\": \"bool\", \"value\": true},"
                        + " {\"name\": \"filename\", \"type\": \"string\", \"value\": \"/dev/urandom\"}]}]");
    }

    @Test
    void propertiesThatCanBeChangedAre() throws Exception {
        assertThat(set("/objects/ram0", "merge", "false")).isEqualTo("{}");
        assertThat(set("/objects/ram0", "dump", "false")).isEqualTo("{}");
        assertThat(get("/objects/ram0", "merge")).isEqualTo("false");
        assertThat(monitors.run("query-memdev", "{}")).contains("\"merge\": false, \"dump\": false");
        assertThat(set("/machine", "aux-ram-share", "true")).isEqualTo("{}");
    }

    @Test
    void memoryBackendsComeAndGo() throws Exception {
        for (String type : List.of("ram", "memfd", "shm")) {
            String id = "m-" + type;
            String add = "{'qom-type': 'memory-backend-" + type + "', 'id': '" + id + "', 'size': 1048576}";
            assertThat(monitors.run("object-add", add)).isEqualTo("{}");
            assertThat(monitors.run("object-add", add))
                    .isEqualTo("GenericError: attempt to add duplicate property '" + id
                            + "' to object (type 'container')");
            assertThat(monitors.run("query-memdev", "{}")).contains("\"id\": \"" + id + "\"");
            assertThat(get("/objects/" + id, "type")).isEqualTo("\"memory-backend-" + type + "\"");
            assertThat(monitors.run("object-del", "{'id': '" + id + "'}")).isEqualTo("{}");
            assertThat(monitors.run("object-del", "{'id': '" + id + "'}"))
                    .isEqualTo("GenericError: object '" + id + "' not found");
            assertThat(monitors.run("query-memdev", "{}")).doesNotContain(id);
        }
        Path file = folder.resolve("ram");
        assertThat(monitors.run(
                        "object-add",
                        "{'qom-type': 'memory-backend-file', 'id': 'f', 'size': 4096, 'share': true, 'mem-path': '"
                                + file + "'}"))
                .isEqualTo("{}");
        assertThat(file).hasSize(4096);
        assertThat(get("/objects/f", "mem-path")).isEqualTo("\"" + file + "\"");
        assertThat(monitors.run("object-del", "{'id': 'f'}")).isEqualTo("{}");
    }

    @Test
    void sourcesOfEntropyComeAndGo() throws Exception {
        assertThat(monitors.run("object-add", "{'qom-type': 'rng-random', 'id': 'e'}"))
                .isEqualTo("{}");
        assertThat(get("/objects/e", "filename")).isEqualTo("\"/dev/urandom\"");
        assertThat(monitors.run("object-del", "{'id': 'e'}")).isEqualTo("{}");
        assertThat(monitors.run("object-add", "{'qom-type': 'rng-builtin', 'id': 'e'}"))
                .isEqualTo("{}");
        assertThat(monitors.run("object-del", "{'id': 'e'}")).isEqualTo("{}");
        assertThat(monitors.run("object-del", "{'id': 'r0'}")).isEqualTo("{}");
    }

    @Test
    void chardevsShow() throws Exception {
        monitors.qmp("q", false).close();
        assertThat(get("/chardevs/q", "type")).isEqualTo("\"chardev-socket\"");
        assertThat(get("/chardevs/q", "addr"))
                .isEqualTo("{\"type\": \"unix\", \"path\": \"" + monitors.path("q") + "\"}");
    }

    private String get(String path, String property) throws Exception {
        return monitors.run("qom-get", "{'path': '" + path + "', 'property': '" + property + "'}");
    }

    private String set(String path, String property, String value) throws Exception {
        return monitors.run(
                "qom-set", "{'path': '" + path + "', 'property': '" + property + "', 'value': " + value + "}");
    }
}
