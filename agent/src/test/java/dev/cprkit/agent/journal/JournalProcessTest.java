package dev.cprkit.agent.journal;

import static dev.cprkit.agent.journal.Entries.vm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.update.UpdateState;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The journal when the process that writes it is killed, and when several write it. */
@Timeout(120)
class JournalProcessTest {
    @TempDir
    Path folder;

    private Process writer(String vm, int operations) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + folder,
                        "-cp",
                        System.getProperty("java.class.path"),
                        JournalWriter.class.getName(),
                        folder.resolve("journal.db").toString(),
                        vm,
                        Integer.toString(operations))
                .redirectError(folder.resolve("errors-" + vm).toFile())
                .start();
    }

    @Test
    void whatAWriterSaidItWroteIsThereAfterItsKill() throws Exception {
        for (int lines : new int[] {1, 3, 4, 12}) {
            Process writer = writer("web", 1000);
            List<String> said = new ArrayList<>();
            try (BufferedReader out = writer.inputReader()) {
                for (int i = 0; i < lines; i++) {
                    said.add(out.readLine());
                }
                writer.toHandle().destroyForcibly(); // which leaves what it said to be read
                assertThat(writer.waitFor(20, TimeUnit.SECONDS)).isTrue();
                out.lines().forEach(said::add);
            }
            try (Journal journal = Journal.open(folder.resolve("journal.db"))) {
                for (String one : said) {
                    check(journal, one.split(" ", -1));
                }
                for (Unfinished left : journal.unfinished(Optional.empty())) {
                    assertThat(left.runner().isAlive()).isFalse();
                    assertThat(journal.adopt(left, dev.cprkit.agent.host.ProcessRef.self()))
                            .isTrue();
                    journal.ended(
                            left.operation().id(),
                            Entries.outcome(dev.cprkit.agent.ExitStatus.ABORTED, java.time.Instant.now()));
                }
            }
        }
    }

    private static void check(Journal journal, String[] said) throws Exception {
        Operation operation = journal.find(said[1]).orElseThrow();
        switch (said[0]) {
            case "begun" -> assertThat(operation.spec()).isEqualTo(Entries.spec("web"));
            case "entered" ->
                assertThat(operation.steps()).extracting(Operation.Step::state).contains(UpdateState.valueOf(said[2]));
            case "evidence" -> assertThat(journal.evidence(said[1])).isPresent();
            case "ended" -> assertThat(operation.outcome()).isPresent();
            default -> throw new AssertionError(said[0]);
        }
    }

    @Test
    void twoProcessesShareItAndOneVmHasOneOperationAtATime() throws Exception {
        List<Process> writers = List.of(writer("web", 40), writer("web", 40));
        int ended = 0;
        int refused = 0;
        for (Process writer : writers) {
            try (BufferedReader out = writer.inputReader()) {
                for (String line : out.lines().toList()) {
                    ended += line.startsWith("ended") ? 1 : 0;
                    refused += line.startsWith("refused") ? 1 : 0;
                    assertThat(line).doesNotStartWith("refused REFUSED");
                }
            }
            assertThat(writer.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(writer.exitValue())
                    .as(Files.readString(folder.resolve("errors-web")))
                    .isZero();
        }
        assertThat(ended + refused).isEqualTo(80);
        try (Journal journal = Journal.open(folder.resolve("journal.db"))) {
            List<Operation> all = journal.history(Optional.of(vm("web")), 1000);
            assertThat(all).hasSize(ended).allMatch(one -> one.outcome().isPresent());
            for (int i = 1; i < all.size(); i++) { // the newest first
                assertThat(all.get(i).outcome().orElseThrow().at())
                        .isBeforeOrEqualTo(all.get(i - 1).began());
            }
        }
    }
}
