package dev.cprkit.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.it.vm.Await;
import dev.cprkit.it.vm.VmProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** An update in which the process executes its successor. */
interface ExecCases extends Cases {
    String VARIABLE = "QEMU_CPR_EXEC_STATE";

    @Test
    @Case(19)
    default void anExecThatFailsBringsTheGuestBack() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.guest().awaitCount(1);
        trial.assumeMode(old, "cpr-exec");
        old.execute("migrate-set-parameters", "{'cpr-exec-command':['/no/such','-incoming','defer']}");
        String uri = "{'uri':'file:" + trial.file("state") + "'}";
        old.execute("migrate", uri);
        old.awaitMigration("failed");
        assertThat(Trial.reason(old)).isEqualTo("execvp /no/such failed: No such file or directory");
        old.awaitStatus("running");
        trial.assertRuns(old);
        assertThat(old.events())
                .containsSubsequence("MIGRATION completed", "MIGRATION failed", "RESUME")
                .doesNotContain("SHUTDOWN");
        assertThat(environment(old.pid())).doesNotContain(VARIABLE);
        assertThat(stateFiles(old.pid())).isEmpty();
        // And the next one works.
        succeed(trial, old, 1);
    }

    @Test
    @Case(19)
    default void anExecNeedsItsCommand() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.assumeMode(old, "cpr-exec");
        assertThat(old.refused("migrate", "{'uri':'file:" + trial.file("state") + "'}"))
                .isEqualTo("cpr-exec mode requires setting cpr-exec-command");
        assertThat(old.migration()).isEqualTo("none");
        trial.assertRuns(old);
    }

    @Test
    @Case(20)
    default void anExecKeepsTheProcessAndTheGuestTwice() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.guest().awaitCount(1);
        trial.assumeMode(old, "cpr-exec");
        succeed(trial, old, 1);
        succeed(trial, old, 2);
    }

    /** Executes the same program with a deferred main channel, and checks what must hold afterwards. */
    private static void succeed(Trial trial, VmProcess vm, int generation) throws Exception {
        List<String> command = new ArrayList<>(trial.subject().command());
        command.addAll(trial.machine());
        String qmp = "unix:" + vm.qmpPath() + ",server=on,wait=off";
        command.addAll(List.of("-incoming", "defer", "-name", "generation" + generation, "-qmp", qmp));
        Path state = trial.file("state" + generation);
        trial.setMode(vm, "cpr-exec");
        vm.execute("migrate-set-parameters", "{'cpr-exec-command':" + json(command) + "}");
        long pid = vm.pid();
        vm.execute("migrate", "{'uri':'file:" + state + "'}");
        vm.awaitNextProgram();
        Await.until(
                VmProcess.LIMIT,
                () -> "the next program; it printed: " + vm.output(),
                () -> commandLine(pid).contains("generation" + generation) || !vm.isAlive());
        assertThat(vm.status()).isEqualTo("inmigrate");
        assertThat(vm.execute("query-migrate-parameters").path("mode").asText()).isEqualTo("normal");
        vm.execute("migrate-incoming", "{'uri':'file:" + state + "'}");
        vm.awaitStatus("running");
        trial.assertRuns(vm);
        assertThat(vm.pid()).isEqualTo(pid);
        assertThat(memoryFlags(pid)).isNotEmpty().allMatch(flags -> (flags & 02000000) != 0);
        assertThat(stateFiles(pid)).isEmpty();
    }

    private static String json(List<String> words) {
        return "['" + String.join("','", words) + "']";
    }

    private static String commandLine(long pid) throws Exception {
        return Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.UTF_8);
    }

    private static String environment(long pid) throws Exception {
        return Files.readString(Path.of("/proc/" + pid + "/environ"), StandardCharsets.UTF_8);
    }

    /** The open files' numbers that are called so. */
    private static List<Path> files(long pid, String name) throws Exception {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> all = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path fd : all.toList()) {
                if (Files.isSymbolicLink(fd)
                        && Files.readSymbolicLink(fd).toString().startsWith("/memfd:" + name)) {
                    found.add(fd.getFileName());
                }
            }
        }
        return found;
    }

    private static List<Path> stateFiles(long pid) throws Exception {
        return files(pid, VARIABLE);
    }

    /** The flags of each descriptor of guest memory (proc_pid_fdinfo(5)); 02000000 is O_CLOEXEC. */
    private static List<Long> memoryFlags(long pid) throws Exception {
        List<Long> flags = new ArrayList<>();
        for (Path fd : files(pid, "memory-backend-memfd")) {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/fdinfo/" + fd))) {
                if (line.startsWith("flags:")) {
                    flags.add(Long.parseLong(line.substring(6).strip(), 8));
                }
            }
        }
        return flags;
    }
}
