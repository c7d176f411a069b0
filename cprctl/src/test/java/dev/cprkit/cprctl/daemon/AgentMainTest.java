package dev.cprkit.cprctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line of cpr-agent, as far as nothing is started. */
class AgentMainTest {
    @TempDir
    private Path folder;

    private record Ended(int status, String out, String err) {}

    private static Ended run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = AgentMain.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));
        return new Ended(status, out.toString(), err.toString());
    }

    @Test
    void a_configuration_that_is_in_order_is_told_in_words() throws Exception {
        Path file = folder.toRealPath().resolve("agent.toml");
        Files.writeString(file, """
            socket = "/run/x.sock"
            operations-at-once = 2
            program-directories = ["/opt/vmm"]
            [[allow]]
            role = "operator"
            group = "root"
            [[allow]]
            role = "reader"
            certificate-subject = "CN=monitor"
            """);
        Ended ended = run("config", "check", "--config", file.toString());
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out()).isEqualTo(file + """
             is in order.
            socket: /run/x.sock
            operations at once: 2
            programs from: /opt/vmm
            admin: root and the agent's own user
            operator: the group root
            reader: the certificate of CN=monitor
            """);
        assertThat(ended.status()).isZero();
    }

    @Test
    void a_configuration_with_a_slip_stops_a_check_and_a_start() throws Exception {
        Path file = folder.toRealPath().resolve("agent.toml");
        Files.writeString(file, "operations-at-once = \"many\"\n");
        for (String[] arguments : new String[][] {
            {"config", "check", "--config", file.toString()},
            {"run", "--config", file.toString()},
            {"--config", file.toString()}
        }) {
            Ended ended = run(arguments);
            assertThat(ended.err())
                    .isEqualTo("cpr-agent: " + file
                            + ": the field 'operations-at-once' must be a whole number, not a string\n");
            assertThat(ended.status()).isEqualTo(2);
        }
    }

    @Test
    void a_wrong_command_line_is_told_and_help_and_version_are_there() {
        assertThat(run("config").err())
                .isEqualTo("cpr-agent: say what to do with the configuration: check\nTry 'cpr-agent config --help'.\n");
        assertThat(run("config").status()).isEqualTo(2);
        assertThat(run("--colour").status()).isEqualTo(2);
        assertThat(run("--version").out()).startsWith("cpr-agent ");
        assertThat(run("--help").out()).contains("Commands:", "run", "config", "--config=FILE", "Exit status:");
    }
}
