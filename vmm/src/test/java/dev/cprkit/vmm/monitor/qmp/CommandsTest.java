package dev.cprkit.vmm.monitor.qmp;

import static org.assertj.core.api.Assertions.assertThat;

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
                "query-cpus-fast | {} | [{\"cpu-index\": 0, \"qom-path\": \"/machine/soc0/harts[0]\", \"qom-type\":"
                        + " \"rv64-riscv-cpu\", \"thread-id\": 42, \"props\": {\"socket-id\": 0, \"cluster-id\": 0,"
                        + " \"core-id\": 0, \"thread-id\": 0}, \"target\": \"riscv64\"}]",
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
        assertThat(run("qom-list-types", "{'implements': 'device', 'abstract': true}"))
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
    void ringBuffersKeepWhatIsWritten() throws Exception {
        String ring = "'backend': {'type': 'ringbuf', 'data': {'size': ";
        assertThat(run("chardev-add", "{'id': 'r', " + ring + "100}}}"))
                .isEqualTo("GenericError: Failed to add chardev 'r': size of ringbuf chardev must be power of two");
        assertThat(run("chardev-add", "{'id': 'r', " + ring + "8}}}")).isEqualTo("{}");
        assertThat(run("ringbuf-write", "{'device': 'r', 'data': '0123456789'}"))
                .isEqualTo("{}");
        assertThat(run("ringbuf-read", "{'device': 'r', 'size': 3}")).isEqualTo("\"234\"");
        assertThat(run("ringbuf-write", "{'device': 'r', 'data': 'YQA=', 'format': 'base64'}"))
                .isEqualTo("{}");
        assertThat(run("ringbuf-read", "{'device': 'r', 'size': 99, 'format': 'base64'}"))
                .isEqualTo("\"NTY3ODlhAA==\"");
        assertThat(run("ringbuf-write", "{'device': 'r', 'data': '?', 'format': 'base64'}"))
                .isEqualTo("GenericError: Base64 data '?' is not valid");
        assertThat(run("ringbuf-read", "{'device': 'r', 'size': 0}"))
                .isEqualTo("GenericError: size must be greater than zero");
        assertThat(run("ringbuf-read", "{'device': 'x', 'size': 1}")).isEqualTo("GenericError: Device 'x' not found");
        assertThat(run("chardev-send-break", "{'id': 'x'}")).isEqualTo("GenericError: Chardev 'x' not found");
        assertThat(run("chardev-send-break", "{'id': 'r'}")).isEqualTo("{}");
        assertThat(run("chardev-change", "{'id': 'x', 'backend': {'type': 'pty', 'data': {}}}"))
                .isEqualTo("GenericError: Chardev 'x' does not exist");
        assertThat(run("chardev-change", "{'id': 'r', 'backend': {'type': 'pty', 'data': {}}}"))
                .startsWith("{\"pty\": \"/dev/pts/");
        assertThat(run("query-chardev", "{}")).contains("\"filename\": \"pty:/dev/pts/");
        assertThat(run("ringbuf-read", "{'device': 'r', 'size': 1}"))
                .isEqualTo("GenericError: r is not a ringbuf device");
        assertThat(run("chardev-add", "{'id': 'p', 'backend': {'type': 'pipe', 'data': {'device': '/nosuch'}}}"))
                .isEqualTo(
                        "GenericError: Failed to add chardev 'p': Could not open '/nosuch': No such file or directory");
    }

    @Test
    void addsAndRemovesChardevs() throws Exception {
        String socket = "{'id': 'n', 'backend': {'type': 'socket', 'data': {'addr': {'type': 'unix', 'data': {'path': '"
                + monitors.path("n") + "'}}}}}";
        assertThat(run("chardev-add", socket)).isEqualTo("{}");
        assertThat(run("chardev-add", socket)).isEqualTo("GenericError: Chardev with id 'n' already exists");
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
        return monitors.run(command, arguments);
    }
}
