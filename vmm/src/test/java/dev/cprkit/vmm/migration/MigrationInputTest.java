package dev.cprkit.vmm.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import dev.cprkit.vmm.monitor.hmp.HmpShell;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
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
                int space = line.indexOf(' ');
                String command = line.substring(0, space);
                String arguments = line.substring(space + 1, arrow(line));
                compare(line, answer(machine, shell, command, arguments), different);
            }
            assertThat(machine.fatal).isEmpty();
        }
        assertThat(different).isEmpty();
    }

    @Test
    void everyPresetIsAnswered() throws Exception {
        List<String> different = new ArrayList<>();
        for (String line : lines("globals")) {
            compare(line, preset(line.substring("global ".length(), arrow(line)).split(" ", -1)), different);
        }
        assertThat(different).isEmpty();
    }

    @Test
    void everyChannelThatCannotBeOpenedIsExplained() throws Exception {
        List<String> different = new ArrayList<>();
        try (TestMachine machine = new TestMachine(new TestMachine.Options(), Optional.empty())) {
            machine.start();
            for (String line : lines("connect")) {
                JsonObject arguments = (JsonObject) JsonText.parse(line.substring("migrate ".length(), arrow(line)));
                String answer = machine.refusal("migrate", arguments);
                if (answer.startsWith("no error")) {
                    machine.awaitStatus("failed");
                }
                compare(line, machine.errorDesc(), different);
                machine.awaitProgress();
            }
        }
        assertThat(different).isEmpty();
    }

    @Test
    void everyAddressThatCannotBeListenedOnIsExplained() throws Exception {
        List<String> different = new ArrayList<>();
        TestMachine.Options options = new TestMachine.Options();
        options.incoming = true;
        for (String line : lines("listen")) {
            try (TestMachine machine = new TestMachine(options, Optional.empty())) {
                JsonObject arguments =
                        (JsonObject) JsonText.parse(line.substring("migrate-incoming ".length(), arrow(line)));
                compare(line, machine.refusal("migrate-incoming", arguments), different);
            }
        }
        assertThat(different).isEmpty();
    }

    private static int arrow(String line) {
        return line.indexOf(" => ");
    }

    private static void compare(String line, String answer, List<String> different) {
        String text = line.substring(arrow(line) + 4);
        int other = text.indexOf(" <> ");
        String expected = other < 0 ? text : text.substring(0, other);
        if (!answer.equals(expected)) {
            different.add(line.substring(0, arrow(line)) + " => " + answer + " instead of " + expected);
        }
    }

    private static String preset(String[] globals) {
        MigrationGlobals presets = MigrationConfig.defaults().globals();
        try {
            for (String global : globals) {
                int dot = global.indexOf('.');
                int equals = global.indexOf('=');
                presets.apply(global.substring(dot + 1, equals), global.substring(equals + 1));
            }
            presets.check();
            return "OK";
        } catch (QmpError e) {
            return e.getMessage();
        }
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
