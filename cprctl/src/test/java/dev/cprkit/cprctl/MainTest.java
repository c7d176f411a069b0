package dev.cprkit.cprctl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Main.run(args, new PrintWriter(out, true), new PrintWriter(err, true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                         | say what to do: status, check or update",
                "update                                     | Missing required option: '--qmp=PATH'",
                "update --qmp /x --timeout 0                | --timeout takes 1 to 86400 seconds, not 0",
                "update --qmp /x --timeout x                | Invalid value for option '--timeout': 'x' is not a long",
                "update --qmp /x --mode fast                | --mode 'fast' is not known; use cpr-transfer",
                "update --qmp /x --mode cpr-exec            | --mode 'cpr-exec' is not known; use cpr-transfer",
                "update --qmp /x y                          | Unmatched argument at index 3: 'y'",
                "nonsense                                   | Unmatched argument at index 0: 'nonsense'",
                "status                                     | Missing required option: '--qmp=PATH'",
            })
    void aWrongCommandLineIsOneClearLine(String args, String message) {
        assertThat(run(args.isEmpty() ? new String[0] : args.split(" "))).isEqualTo(ExitStatus.USAGE.number());
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).startsWith("cprctl: " + message).contains("--help'.");
    }

    @Test
    void helpTellsEveryExitStatus() {
        assertThat(run("--help")).isZero();
        String help = out.toString().replaceAll("\\s+", " ");
        for (ExitStatus status : ExitStatus.values()) {
            assertThat(help).contains(" " + status.number() + " " + status.meaning());
        }
        assertThat(help).contains("status").contains("check").contains("update");
    }

    @Test
    void helpFitsATerminal() {
        for (String command : new String[] {"update", "check", "status"}) {
            assertThat(run(command, "--help")).isZero();
        }
        assertThat(out.toString().lines()).allMatch(line -> line.length() <= 80);
    }

    @Test
    void version() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("cprctl ");
    }

    @ParameterizedTest
    @CsvSource({"status", "check", "update"})
    void noVmThere(String command, @TempDir Path folder) throws Exception {
        assertThat(run(command, "--qmp", folder.resolve("none").toString())).isEqualTo(ExitStatus.UNREACHABLE.number());
        assertThat(err.toString())
                .isEqualToIgnoringNewLines("cprctl: cannot connect to the QMP socket " + folder.resolve("none")
                        + ": no such file; is the VM running, and is this its QMP path?");
        Path plain = Files.createFile(folder.resolve("plain"));
        assertThat(run(command, "--qmp", plain.toString())).isEqualTo(ExitStatus.UNREACHABLE.number());
    }

    @Test
    void aResultAlwaysComesInJson(@TempDir Path folder) {
        run("update", "--json", "--qmp", folder.resolve("none").toString());
        assertThat(out.toString()).startsWith("{\"result\":\"unreachable\",\"exit-status\":3,\"state\":\"none\"");
        assertThat(err.toString()).isEmpty();
    }
}
