package dev.cprkit.it.man;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.api.AgentClient;
import dev.cprkit.agent.daemon.AgentConfig;
import dev.cprkit.agent.daemon.ConfigFile;
import dev.cprkit.agent.home.Home;
import dev.cprkit.it.cprctl.CprctlUnderTest;
import dev.cprkit.it.vm.Await;
import dev.cprkit.it.vm.BareGuest;
import dev.cprkit.it.vm.VmProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the pages that people write show as examples works as it is printed. */
@Timeout(240)
class ManExamplesIT {
    private static final Path PAGES = Path.of(System.getProperty("cprkit.root", ".."), "man");
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @TempDir
    private Path folder;

    private Home home;
    private Map<String, String> environment;

    @BeforeEach
    void prepare() throws IOException {
        home = new Home(folder.resolve("run"), folder.resolve("state"));
        Path bin = Files.createDirectory(folder.resolve("bin"));
        program(bin.resolve("cprctl"), "'" + String.join("' '", CprctlUnderTest.command()) + "'");
        program(bin.resolve("cpr-agent"), "'" + String.join("' '", CprctlUnderTest.agent()) + "'");
        program(bin.resolve("vmm"), "'" + String.join("' '", VmProcess.command(List.of())) + "'");
        environment = new HashMap<>(Map.of(
                Home.RUNTIME_VARIABLE,
                home.runtime().toString(),
                Home.STATE_VARIABLE,
                home.state().toString(),
                "KERNEL",
                BareGuest.image().toString(),
                "AGENT",
                home.agentSocket().toString(),
                "PATH",
                bin + ":" + System.getenv("PATH")));
    }

    private static void program(Path file, String command) throws IOException {
        Files.writeString(file, "#!/bin/sh\nexec " + command + " \"$@\"\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    @AfterEach
    void endWhatWasLaunched() throws Exception {
        for (ProcessHandle process : ours()) {
            process.destroyForcibly();
        }
        Await.until(LIMIT, () -> "the end of all that was started", () -> ours().isEmpty());
    }

    private List<ProcessHandle> ours() {
        List<ProcessHandle> ours = new ArrayList<>();
        ProcessHandle.allProcesses().forEach(process -> {
            try {
                String line = Files.readString(
                        Path.of("/proc", Long.toString(process.pid()), "cmdline"), StandardCharsets.ISO_8859_1);
                if (line.contains(home.runtime().toString())) {
                    ours.add(process);
                }
            } catch (IOException e) {
                // it has ended
            }
        });
        return ours;
    }

    /** cpr(7), and with the VM that it leaves running, cprkit-fleet(7) through an agent. */
    @Test
    void theExamplesWorkAsTheyArePrinted() throws Exception {
        run(examples("cpr.7").getFirst());
        Process agent = builder(List.of(folder.resolve("bin/cpr-agent").toString()), "agent.log")
                .start();
        try {
            Await.until(
                    LIMIT,
                    () -> "the agent to answer",
                    () -> AgentClient.answers(home.agentSocket()) || !agent.isAlive());
            run(examples("cprkit-fleet.7").getFirst());
        } finally {
            agent.destroyForcibly().waitFor();
        }
    }

    @Test
    void theConfigurationIsOneThatTheAgentTakes() throws Exception {
        PosixFileAttributes own = Files.readAttributes(folder, PosixFileAttributes.class);
        String example = examples("cprkit-agent.conf.5").getFirst();
        int tls = example.indexOf("[tls]");
        String without = example.substring(0, tls) + example.substring(example.indexOf("[[allow]]"));
        Path file = Files.writeString(
                folder.resolve("agent.toml"),
                without.replace("vmops", own.group().getName()));
        AgentConfig config = ConfigFile.read(file, home, true);
        assertThat(config.operationsAtOnce()).isEqualTo(8);
        assertThat(config.keep().age()).isEqualTo(Duration.ofDays(365));
        assertThat(config.rules()).hasSize(3);
        assertThat(example.substring(tls)).contains("listen", "certificate", "key", "client-authority");
    }

    private void run(String script) throws Exception {
        Process process = builder(List.of("/bin/sh", "-exc", script), "output").start();
        try {
            assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .as(Files.readString(folder.resolve("output")))
                    .isTrue();
            assertThat(process.exitValue())
                    .as(Files.readString(folder.resolve("output")))
                    .isZero();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private ProcessBuilder builder(List<String> command, String output) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve(output).toFile()));
        builder.environment().putAll(environment);
        return builder;
    }

    /** The blocks under EXAMPLES, as a reader sees them. */
    private static List<String> examples(String page) throws IOException {
        String text = Files.readString(PAGES.resolve(page));
        String section = text.substring(text.indexOf(".SH EXAMPLES"));
        List<String> blocks = new ArrayList<>();
        for (int at = section.indexOf(".EX\n"); at >= 0; at = section.indexOf(".EX\n", at + 1)) {
            String block = section.substring(at + 4, section.indexOf(".EE\n", at));
            blocks.add(block.replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\"));
        }
        assertThat(blocks).as("examples of " + page).isNotEmpty();
        return blocks;
    }
}
