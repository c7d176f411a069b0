package dev.cprkit.vmm.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the end of a program that was asked means, and programs of every kind that are asked. */
@Timeout(60)
class NextProgramCheckTest {
    @TempDir
    Path folder;

    private TestMachine machine;

    @BeforeEach
    void boot() throws Exception {
        TestMachine.Options options = new TestMachine.Options();
        options.limits = new MigrationLimits(
                TestMachine.SECOND,
                TestMachine.SECOND,
                TestMachine.SECOND,
                TestMachine.SECOND,
                TestMachine.SECOND,
                TestMachine.SECOND,
                TestMachine.SECOND,
                TestMachine.SECOND,
                TestMachine.SECOND);
        machine = new TestMachine(options, Optional.empty());
    }

    @AfterEach
    void end() throws Exception {
        machine.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        cpr-check: ok           | 0 | "" | ""
        cpr-check: ok           | 1 | noise | ""
        cpr-check: it is other  | 1 | "" | the next program, p, cannot go on with this guest: it is other
        ""                      | 1 | p: -x-cpr-check: invalid option | ""
        ""                      | 0 | p: -x-cpr-check: invalid option | the next program, p, was asked whether it can go on with this guest, and ended with status 0: p: -x-cpr-check: invalid option
        ""                      | 1 | vmm: -m: bad | the next program, p, was asked whether it can go on with this guest, and ended with status 1: vmm: -m: bad
        ""                      | 0 | "" | the next program, p, was asked whether it can go on with this guest, and ended with status 0
        hello                   | 0 | "" | the next program, p, was asked whether it can go on with this guest, and ended with status 0: hello
        """)
    void anEndIsAnAnswerOnlyIfItSaysOne(String said, int status, String complaint, String refusal) {
        assertThat(NextProgramCheck.verdict("p", status, said, complaint)).isEqualTo(refusal);
    }

    @Test
    void aProgramReadsTheManifestAndAnswers() throws Exception {
        Path manifest = folder.resolve("manifest");
        assertThat(ask("/bin/sh", "-c", "cat >" + manifest + "; echo cpr-check: ok", "sh"))
                .isEmpty();
        assertThat(Files.readString(manifest, StandardCharsets.ISO_8859_1))
                .startsWith("CPRK")
                .contains("counter");
    }

    @Test
    void theOptionIsTheLastWord() throws Exception {
        assertThat(ask("/bin/sh", "-c", "echo \"cpr-check: $*\"", "sh", "-incoming", "defer"))
                .isEqualTo("the next program, /bin/sh, cannot go on with this guest: -incoming defer -x-cpr-check");
    }

    @Test
    void aProgramThatDoesNotEndIsEnded() throws Exception {
        Path pid = folder.resolve("pid");
        assertThat(ask("/bin/sh", "-c", "echo $$ >" + pid + "; sleep 1000", "sh"))
                .isEqualTo("the next program, /bin/sh, was asked whether it can go on with this guest, and has not"
                        + " said so within 1 s");
        long asked = Long.parseLong(Files.readString(pid).strip());
        TestMachine.await(
                "its end",
                () -> ProcessHandle.of(asked).map(process -> !process.isAlive()).orElse(true));
    }

    @Test
    void aProgramThatCannotBeStartedIsLeftToTheExec() throws Exception {
        MigrationSetup setup = setup("/no/such/program");
        assertThat(machine.on(
                        () -> NextProgramCheck.begin(setup, setup.parameters().execCommand(), refusal -> {})))
                .isEmpty();
    }

    private String ask(String... command) throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        MigrationSetup setup = setup(command);
        Optional<NextProgramCheck> check = machine.on(
                () -> NextProgramCheck.begin(setup, setup.parameters().execCommand(), answer::complete));
        assertThat(check).isPresent();
        return answer.get(20, TimeUnit.SECONDS);
    }

    private MigrationSetup setup(String... command) throws Exception {
        MigrationConfig config = machine.config;
        JsonArray words = new JsonArray();
        for (String word : command) {
            words.add(new JsonString(word));
        }
        machine.command("migrate-set-parameters", new JsonObject().put("cpr-exec-command", words));
        return new MigrationSetup(
                machine,
                config.parameters(),
                config.capabilities(),
                config.stream(),
                config.limits(),
                HostingProcess.BARE,
                new byte[0],
                new MigrationNotifiers());
    }
}
