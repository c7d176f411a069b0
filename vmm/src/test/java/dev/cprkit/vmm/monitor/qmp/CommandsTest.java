package dev.cprkit.vmm.monitor.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.qapi.RunState;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandsTest {
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
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "query-version | {} | {\"qemu\": {\"micro\": 1, \"minor\": 1, \"major\": 11},"
                        + " \"package\": \" (cprkit test)\"}",
                "query-status | {} | {\"status\": \"running\", \"running\": true}",
                "query-uuid | {} | {\"UUID\": \"01234567-89ab-cdef-0123-456789abcdef\"}",
                "query-target | {} | {\"arch\": \"riscv64\"}",
                "query-current-machine | {} | {\"wakeup-suspend-support\": false}",
                "query-memory-size-summary | {} | {\"base-memory\": 67108864}",
                "query-iothreads | {} | []",
                "query-memdev | {} | [{\"size\": 67108864, \"merge\": true, \"dump\": true, \"prealloc\": false,"
                        + " \"share\": true, \"reserve\": true, \"host-nodes\": [], \"policy\": \"default\","
                        + " \"id\": \"ram0\"}]",
                "query-cpus-fast | {} | [{\"cpu-index\": 0, \"qom-path\": \"/machine/soc0/harts[0]\","
                        + " \"qom-type\": \"rv64-riscv-cpu\", \"thread-id\": 42, \"target\": \"riscv64\"}]",
                "qom-list-types | {'implements': 'accel', 'abstract': false}"
                        + " | [{\"name\": \"tcg-accel\", \"parent\": \"accel\"}]",
                "qom-list-types | {'implements': 'nope'} | []",
                "human-monitor-command | {'command-line': 'info status'} | \"VM status: running\\r\\n\"",
                "human-monitor-command | {'command-line': 'foo'} | \"unknown command: 'foo'\\r\\n\"",
                "human-monitor-command | {'command-line': ''} | \"\"",
            })
    void answers(String command, String arguments, String result) throws Exception {
        assertThat(run(command, arguments)).isEqualTo(result);
    }

    @Test
    void listsMachinesTypesAndCommands() throws Exception {
        assertThat(run("query-machines", "{}")).contains("\"name\": \"virt\"").contains("\"name\": \"none\"");
        assertThat(run("qom-list-types", "{'implements': 'device'}"))
                .contains("{\"name\": \"virtio-mmio\", \"parent\": \"sys-bus-device\"}")
                .contains("{\"name\": \"device\", \"abstract\": true, \"parent\": \"object\"}")
                .doesNotContain("tcg-accel");
        assertThat(run("query-commands", "{}"))
                .contains("{\"name\": \"qmp_capabilities\"}")
                .contains("{\"name\": \"cont\"}");
    }

    @Test
    void stopsAndContinues() throws Exception {
        assertThat(run("stop", "{}")).isEqualTo("{}");
        assertThat(run("query-status", "{}")).isEqualTo("{\"status\": \"paused\", \"running\": false}");
        assertThat(run("cont", "{}")).isEqualTo("{}");
        assertThat(run("query-status", "{}")).isEqualTo("{\"status\": \"running\", \"running\": true}");
        monitors.machine.state = RunState.SHUTDOWN;
        assertThat(run("cont", "{}")).isEqualTo("GenericError: Resetting the Virtual Machine is required");
        assertThat(run("system_wakeup", "{}"))
                .isEqualTo("GenericError: wake-up from suspend is not supported by this guest");
    }

    @Test
    void quitsWithStatusZero() throws Exception {
        run("quit", "{}");
        assertThat(monitors.machine.asked).containsExactly("shutdown 0");
    }

    @Test
    void checksTheCpuOfAHumanCommand() throws Exception {
        assertThat(run("human-monitor-command", "{'command-line': 'info status', 'cpu-index': 1}"))
                .isEqualTo("GenericError: Parameter 'cpu-index' expects a CPU number");
    }

    @Test
    void listsChardevs() throws Exception {
        monitors.qmp("q", false).close();
        assertThat(run("query-chardev", "{}"))
                .contains("\"label\": \"q\"")
                .contains("unix:" + monitors.path("q") + ",server=on")
                .contains("\"frontend-open\": true");
    }

    @Test
    void addsAndRemovesChardevs() throws Exception {
        String socket = "{'id': 'n', 'backend': {'type': 'socket', 'data': {'addr': {'type': 'unix', 'data': {'path': '"
                + monitors.path("n") + "'}}}}}";
        assertThat(run("chardev-add", socket)).isEqualTo("{}");
        assertThat(run("chardev-add", socket))
                .isEqualTo("GenericError: attempt to add duplicate property 'n' to object (type 'container')");
        assertThat(run("query-chardev", "{}"))
                .contains("\"filename\": \"disconnected:unix:" + monitors.path("n") + ",server=on\"");
        assertThat(run("chardev-remove", "{'id': 'n'}")).isEqualTo("{}");
        assertThat(Path.of(monitors.path("n"))).doesNotExist();
        assertThat(run("chardev-remove", "{'id': 'n'}")).isEqualTo("GenericError: Chardev 'n' not found");
        assertThat(run("chardev-add", "{'id': 'f', 'backend': {'type': 'file', 'data': {}}}"))
                .isEqualTo("GenericError: Parameter 'backend.data.out' is missing");
        assertThat(run("chardev-add", "{'id': 'x', 'backend': {'type': 'warp', 'data': {}}}"))
                .isEqualTo("GenericError: Parameter 'type' does not accept value 'warp'");
        monitors.qmp("q", false).close();
        assertThat(run("chardev-remove", "{'id': 'q'}")).isEqualTo("GenericError: Chardev 'q' is busy");
    }

    private String run(String command, String arguments) throws Exception {
        JsonObject object = (JsonObject) JsonText.parse(arguments);
        return monitors.call(() -> {
            try {
                return JsonText.write(
                        monitors.registry.find(command).orElseThrow().execute(new QmpArguments(object)));
            } catch (QmpError e) {
                return e.errorClass() + ": " + e.getMessage();
            }
        });
    }
}
