package dev.cprkit.vmm.monitor.hmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.chardev.ChardevOptions;
import dev.cprkit.vmm.chardev.Peer;
import dev.cprkit.vmm.monitor.qmp.MonitorFixture;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HmpMonitorTest {
    private static final String BANNER = "QEMU 11.1.1 monitor - type 'help' for more information\r\n(qemu) ";

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
    void greetsAndPromptsOnASocket() throws Exception {
        try (Peer peer = monitors.hmp("h", ChardevOptions.NONE)) {
            assertThat(peer.readTo("(qemu) ")).isEqualTo(BANNER);
            peer.send("info status\n");
            assertThat(peer.readTo("(qemu) ")).endsWith("info status\033[K\r\nVM status: running\r\n(qemu) ");
            peer.send("stop\rinfo status\r");
            peer.readTo("(qemu) ");
            assertThat(peer.readTo("(qemu) ")).contains("VM status: paused\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '%',
            quoteCharacter = '`',
            value = {
                "foo % unknown command: 'foo';",
                "info foo % unknown command: 'info foo';",
                "stop x % stop|s: extraneous characters at the end of line;Try \"help stop\" for more information;",
                "info name x % name: extraneous characters at the end of line;"
                        + "Try \"help info name\" for more information;",
                "help cont % cont|c  -- resume emulation;",
                "? info name % info name  -- show the current VM name;",
                "help nope % unknown command: 'nope';",
                "info version % 11.1.1 (cprkit test);",
                "info name % vm;",
                "info uuid % 01234567-89ab-cdef-0123-456789abcdef;",
                "info cpus % * CPU #0: thread_id=42 model=rv64;",
                "system_wakeup % Error: wake-up from suspend is not supported by this guest;",
                "info memdev % memory backend: ram0;  size:  67108864;  merge: true;  dump: true;"
                        + "  prealloc: false;  share: true;  reserve: true;  policy: default;  host nodes: ;;",
            })
    void runsCommands(String line, String output) throws Exception {
        assertThat(run(line)).isEqualTo(output.replace(';', '\n'));
    }

    @Test
    void showsTheRunStateInParentheses() throws Exception {
        monitors.machine.state = RunState.POSTMIGRATE;
        assertThat(run("info status")).isEqualTo("VM status: paused (postmigrate)\n");
        monitors.machine.state = RunState.SHUTDOWN;
        assertThat(run("c")).isEqualTo("Error: Resetting the Virtual Machine is required\n");
        assertThat(run("q")).isEmpty();
        assertThat(monitors.machine.asked).containsExactly("shutdown 0");
        assertThat(run("help")).contains("quit|q  -- quit the emulator\n").contains("help|? [cmd] -- ");
        assertThat(run("info")).contains("info status  -- ");
    }

    @Test
    void aCommandMaySuspendTheMonitor() throws Exception {
        AtomicReference<Runnable> resume = new AtomicReference<>();
        monitors.humanRegistry.add(new HmpCommand("wait", "", "wait", (out, rest) -> {
            resume.set(out.suspend().orElseThrow());
            out.println("waiting");
        }));
        try (Peer peer = monitors.hmp("h", ChardevOptions.NONE)) {
            peer.readTo("(qemu) ");
            peer.send("wait\ninfo name\n");
            peer.readTo("waiting\r\n");
            monitors.call(() -> {
                resume.get().run();
                return true;
            });
            assertThat(peer.readTo("vm\r\n(qemu) ")).startsWith("(qemu) i");
        }
        assertThat(run("wait")).as("nothing to suspend").contains("Error");
    }

    @Test
    void aSharedMonitorWaitsForItsFocus() throws Exception {
        try (Peer peer = monitors.hmp("m", ChardevOptions.MUX)) {
            assertThat(peer.readTo("(qemu) ")).as("alone, so it has the focus").isEqualTo(BANNER);
        }
    }

    private String run(String line) throws Exception {
        return monitors.call(() -> {
            StringBuilder text = new StringBuilder();
            monitors.shell().run(line, text::append);
            return text.toString();
        });
    }
}
