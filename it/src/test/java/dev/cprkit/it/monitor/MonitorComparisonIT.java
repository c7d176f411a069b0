package dev.cprkit.it.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cprkit.it.cprctl.QemuUnderTest;
import dev.cprkit.it.vm.VmProcess;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The human monitor's answers, and its complaints, are QEMU 11.1's to the letter, but for what no two processes share. */
class MonitorComparisonIT {
    private static final List<String> MACHINE =
            List.of("-M", "virt", "-display", "none", "-nodefaults", "-S", "-bios", "none");
    private static final Pattern THREAD = Pattern.compile("thread_id=\\d+");
    private static final Pattern ADDRESS = Pattern.compile(" is 0x[0-9a-f]+\r\n");

    @TempDir
    private Path folder;

    @Test
    void answersAsQemuDoes() throws Exception {
        Optional<Path> qemu = QemuUnderTest.newest();
        assumeTrue(qemu.isPresent() && QemuUnderTest.major(qemu.orElseThrow()) >= 11, QemuUnderTest.newestReason());
        List<String> differences = new ArrayList<>();
        try (VmProcess theirs = VmProcess.start(List.of(qemu.orElseThrow().toString()), folder, "qemu", MACHINE);
                VmProcess ours = VmProcess.start(VmProcess.command(List.of()), folder, "vmm", MACHINE)) {
            for (String line : lines()) {
                String expected = answer(theirs, line);
                String given = answer(ours, line);
                if (!given.equals(expected)) {
                    differences.add(line + "\nQEMU: " + expected + "vmm:  " + given);
                }
            }
        }
        assertThat(differences).isEmpty();
    }

    private static List<String> lines() throws Exception {
        try (InputStream in = MonitorComparisonIT.class.getResourceAsStream("same-answers.txt")) {
            List<String> lines = new ArrayList<>(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
            lines.removeFirst();
            assertThat(lines).hasSizeGreaterThan(500);
            return lines;
        }
    }

    private static String answer(VmProcess vm, String line) throws Exception {
        String text = vm.qmp()
                .execute(
                        "human-monitor-command",
                        JsonNodeFactory.instance.objectNode().put("command-line", line),
                        VmProcess.LIMIT)
                .asText();
        return ADDRESS.matcher(THREAD.matcher(text).replaceAll("thread_id=N")).replaceAll(" is N\r\n");
    }
}
