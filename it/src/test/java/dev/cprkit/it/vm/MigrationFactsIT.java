package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.it.cprctl.QemuUnderTest;
import dev.cprkit.proto.client.QmpClient;
import dev.cprkit.proto.client.QmpException;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The table of inputs of the migration commands, with which vmm's unit tests hold its answers, is true of QEMU 11.1; and
 * of a whole process of ours.
 */
class MigrationFactsIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    /** One line of the table. */
    private record Fact(String command, String arguments, String ours, String theirs) {
        static Fact of(String line) {
            int arrow = line.indexOf(" => ");
            int space = line.indexOf(' ');
            String text = line.substring(arrow + 4);
            int reason = text.indexOf(" ## ");
            String texts = reason < 0 ? text : text.substring(0, reason);
            int other = texts.indexOf(" <> ");
            return new Fact(
                    line.substring(0, space),
                    line.substring(space + 1, arrow),
                    other < 0 ? texts : texts.substring(0, other),
                    other < 0 ? texts : texts.substring(other + 4));
        }

        boolean crashesQemu() {
            return theirs.equals("CRASH");
        }
    }

    private static List<Fact> facts(String section) throws Exception {
        Path table = Path.of(System.getProperty("cprkit.root", ".."))
                .resolve("vmm/src/test/resources/dev/cprkit/vmm/migration/migration-input.txt");
        List<Fact> facts = new ArrayList<>();
        boolean wanted = false;
        for (String line : Files.readAllLines(table)) {
            if (line.startsWith("[")) {
                wanted = line.equals("[" + section + "]");
            } else if (wanted && !line.isEmpty() && !line.startsWith("#")) {
                facts.add(Fact.of(line));
            }
        }
        assertThat(facts).hasSizeGreaterThan(10);
        return facts;
    }

    private static String qemu() {
        Optional<Path> qemu = QemuUnderTest.newest();
        assumeTrue(qemu.isPresent(), QemuUnderTest.newestReason());
        return qemu.orElseThrow().toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"source", "incoming"})
    void qemuAnswersAsTheTableSays(String section) throws Exception {
        List<Fact> facts = facts(section);
        List<String> answers = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        facts.removeIf(Fact::crashesQemu);
        for (Fact fact : facts) {
            expected.add(fact.theirs());
        }
        answer(List.of(qemu()), section, facts, answers);
        assertSame(facts, answers, expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"source", "incoming"})
    void aProcessOfOursAnswersAsTheTableSays(String section) throws Exception {
        List<Fact> facts = facts(section);
        List<String> answers = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (Fact fact : facts) {
            expected.add(fact.ours());
        }
        answer(VmCommand.of(List.of()), section, facts, answers);
        assertSame(facts, answers, expected);
    }

    private static void assertSame(List<Fact> facts, List<String> answers, List<String> expected) {
        List<String> different = new ArrayList<>();
        for (int i = 0; i < facts.size(); i++) {
            if (!answers.get(i).equals(expected.get(i))) {
                different.add(facts.get(i).command() + " " + facts.get(i).arguments() + " => " + answers.get(i)
                        + " instead of " + expected.get(i));
            }
        }
        assertThat(different).isEmpty();
    }

    private void answer(List<String> program, String section, List<Fact> facts, List<String> answers) throws Exception {
        try (Subject subject = new Subject(program, section)) {
            for (Fact fact : facts) {
                answers.add(subject.answer(fact));
            }
        }
    }

    /** A process that is asked. */
    private final class Subject implements AutoCloseable {
        private final Process process;
        private final QmpClient client;

        Subject(List<String> program, String section) throws Exception {
            Path qmp = folder.resolve("qmp");
            List<String> command = options(program);
            command.addAll(section.equals("incoming") ? List.of("-incoming", "defer") : List.of("-S"));
            command.addAll(List.of("-qmp", "unix:" + qmp + ",server=on,wait=off"));
            process = start(command);
            try {
                Await.until(LIMIT, () -> "a QMP socket", () -> VmProcess.isListening(qmp) || !process.isAlive());
                client = QmpClient.open(qmp, LIMIT);
                client.negotiate(LIMIT);
            } catch (Throwable e) {
                process.destroyForcibly().waitFor();
                throw e;
            }
        }

        String answer(Fact fact) throws Exception {
            if (fact.command().equals("hmp")) {
                ObjectNode line = JsonNodeFactory.instance.objectNode().put("command-line", fact.arguments());
                return client.execute("human-monitor-command", line, LIMIT)
                        .asText()
                        .strip();
            }
            try {
                JsonNode ignored = client.execute(fact.command(), (ObjectNode) JSON.readTree(fact.arguments()), LIMIT);
                return "OK";
            } catch (QmpException.ErrorReply e) {
                return e.description();
            }
        }

        /** The reason of the migration that has been begun, once it has failed. */
        String awaitError() throws Exception {
            JsonNode[] info = new JsonNode[1];
            Await.until(LIMIT, () -> "a migration that fails, not " + info[0], () -> {
                info[0] = client.execute("query-migrate", LIMIT);
                return info[0].path("status").asText().equals("failed");
            });
            return info[0].path("error-desc").asText();
        }

        @Override
        public void close() {
            client.close();
            process.destroyForcibly();
            process.onExit().orTimeout(60, TimeUnit.SECONDS).join();
        }
    }

    private static List<String> options(List<String> program) {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of("-M", "virt", "-bios", "none", "-m", "64", "-display", "none", "-nodefaults"));
        return command;
    }

    private Process start(List<String> command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .start();
    }

    @Test
    void qemuExplainsChannelsAsTheTableSays() throws Exception {
        List<String> different = new ArrayList<>();
        try (Subject qemu = new Subject(List.of(qemu()), "source")) {
            for (Fact fact : facts("connect")) {
                String answer = qemu.answer(fact);
                String text = answer.equals("OK") ? qemu.awaitError() : answer;
                if (!text.equals(fact.theirs())) {
                    different.add(fact.arguments() + " => " + text + " instead of " + fact.theirs());
                }
            }
        }
        for (Fact fact : facts("listen")) {
            try (Subject qemu = new Subject(List.of(qemu()), "incoming")) {
                String text = qemu.answer(fact);
                if (!text.equals(fact.theirs())) {
                    different.add(fact.arguments() + " => " + text + " instead of " + fact.theirs());
                }
            }
        }
        assertThat(different).isEmpty();
    }

    /** Those that are accepted are given together: a process that starts and is told to quit. */
    @Test
    void qemuReadsPresetsAsTheTableSays() throws Exception {
        String qemu = qemu();
        List<String> different = new ArrayList<>();
        for (Fact fact : facts("globals")) {
            if (!fact.theirs().equals("OK")) {
                List<String> command = options(List.of(qemu));
                for (String global : fact.arguments().split(" ", -1)) {
                    command.addAll(List.of("-global", global));
                }
                Process process = start(command);
                assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
                String said = Files.readString(folder.resolve("output"), StandardCharsets.UTF_8)
                        .strip()
                        .replace("\n", "\\n");
                String text = said.substring(said.indexOf(": ") + 2);
                if (process.exitValue() != 1 || !text.equals(fact.theirs())) {
                    different.add(fact.arguments() + " => " + said);
                }
            }
        }
        assertThat(different).isEmpty();
    }
}
