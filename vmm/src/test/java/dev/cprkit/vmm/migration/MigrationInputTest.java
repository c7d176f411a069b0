package dev.cprkit.vmm.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpShell;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Good and bad input for every parameter, capability, channel, URI and command of migration, with the exact texts. The
 * table, {@code migration-input.txt}, is also sent to QEMU 11.1 by a test in it/, so that it says what QEMU says.
 */
@Timeout(60)
class MigrationInputTest {
    @ParameterizedTest
    @ValueSource(strings = {"source", "incoming"})
    void everyInputIsAnswered(String section) throws Exception {
        TestMachine.Options options = new TestMachine.Options();
        options.incoming = section.equals("incoming");
        List<String> different = new ArrayList<>();
        List<String> lines = lines(section);
        assertThat(lines).hasSizeGreaterThan(20);
        try (TestMachine machine = new TestMachine(options, Optional.empty())) {
            HmpRegistry registry = new HmpRegistry();
            MigrationHmp.register(registry, machine.migration, machine.loop().hostClock());
            HmpShell shell = new HmpShell(registry);
            for (String line : lines) {
                int arrow = line.indexOf(" => ");
                int space = line.indexOf(' ');
                String command = line.substring(0, space);
                String arguments = line.substring(space + 1, arrow);
                String text = line.substring(arrow + 4);
                int other = text.indexOf(" <> ");
                String expected = other < 0 ? text : text.substring(0, other);
                String answer = answer(machine, shell, command, arguments);
                if (!answer.equals(expected)) {
                    different.add(line.substring(0, arrow) + " => " + answer + " instead of " + expected);
                }
            }
            assertThat(machine.fatal).isEmpty();
        }
        assertThat(different).isEmpty();
    }

    private static String answer(TestMachine machine, HmpShell shell, String command, String arguments)
            throws Exception {
        if (command.equals("hmp")) {
            StringBuilder text = new StringBuilder();
            machine.on(() -> {
                shell.run(arguments, text::append);
                return 0;
            });
            return text.toString().strip();
        }
        JsonObject object = (JsonObject) JsonText.parse(arguments);
        String text = machine.refusal(command, object);
        return text.startsWith("no error but ") ? "OK" : text;
    }

    private static List<String> lines(String section) throws Exception {
        try (InputStream file = MigrationInputTest.class.getResourceAsStream("migration-input.txt")) {
            List<String> lines = new ArrayList<>();
            boolean wanted = false;
            for (String line : new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                if (line.startsWith("[")) {
                    wanted = line.equals("[" + section + "]");
                } else if (wanted && !line.isEmpty() && !line.startsWith("#")) {
                    lines.add(line);
                }
            }
            return lines;
        }
    }
}
