package dev.cprkit.it.cprctl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRegistry;
import dev.cprkit.it.vm.Await;
import dev.cprkit.it.vm.BareGuest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a user does with a VM, from its launch on, command by command, as processes of their own. */
@Timeout(240)
class CprctlIT {
    private static final VmName ONE = new VmName("one");

    @TempDir
    private Path folder;

    @AfterEach
    void endTheVm() throws Exception {
        String mark = folder.toString();
        List<ProcessHandle> left = ProcessHandle.allProcesses()
                .filter(p -> p.pid() != ProcessHandle.current().pid())
                .filter(p -> p.info().commandLine().orElse("").contains(mark))
                .toList();
        left.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle process : left) {
            process.onExit().get(20, TimeUnit.SECONDS);
        }
    }

    private JsonNode run(int status, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add(1, "--json");
        Cprctl cprctl = Cprctl.run(folder, all.toArray(String[]::new));
        assertThat(cprctl.status())
                .as(String.join(" ", arguments) + ": " + cprctl.lines() + cprctl.err())
                .isEqualTo(status);
        assertThat(cprctl.lines()).hasSize(1);
        assertThat(cprctl.last().path("schema").asText()).isEqualTo("cprkit/1");
        return cprctl.last();
    }

    @Test
    void fromLaunchToConsole() throws Exception {
        String vmm = VmmUnderTest.launcher(folder).toString();
        String[] launch = {
            "launch",
            "one",
            "--make-updatable",
            "--",
            vmm,
            "-bios",
            "none",
            "-kernel",
            BareGuest.image().toString(),
            "-m",
            "64M",
            "-nographic"
        };
        JsonNode refused =
                run(3, Stream.of(launch).filter(w -> !w.startsWith("--m")).toArray(String[]::new));
        assertThat(refused.path("findings").findValuesAsText("code"))
                .contains("memory-not-shared", "aux-ram-not-shared", "stdio-chardev", "qmp-not-on-command-line");
        JsonNode launched = run(0, launch);
        long pid = launched.path("pid").asLong();
        assertThat(ProcessHandle.of(pid)).isPresent();
        assertThat(launched.path("run-state").asText()).isEqualTo("running");
        assertThat(run(9, launch).path("message").asText()).startsWith("a VM named one runs already");

        JsonNode listed = run(0, "list", "--modes").path("vms");
        assertThat(listed).hasSize(1);
        assertThat(listed.get(0).path("vm").asText()).isEqualTo("one");
        assertThat(listed.get(0).path("modes").get(0).asText()).isEqualTo("cpr-transfer");
        JsonNode status = run(0, "status", "one");
        assertThat(status.path("vm-status").path("pid").asLong()).isEqualTo(pid);
        assertThat(status.path("installed").asText()).isEqualTo("same");
        assertThat(run(0, "check", "one").path("mode").asText()).isEqualTo("cpr-transfer");
        JsonNode plan = run(0, "plan", "one", "--to", vmm);
        assertThat(plan.path("generation").asInt()).isEqualTo(1);
        assertThat(plan.path("new-command").toString()).contains("qmp.g1.sock").contains("console.g1.sock");

        Process console = console();
        awaitText("console.txt", "N ");
        JsonNode updated = run(0, "update", "one", "--to", vmm, "--id", "wave-1");
        long next = updated.path("vm-status").path("pid").asLong();
        assertThat(next).isPositive().isNotEqualTo(pid);
        assertThat(updated.path("outcome").path("previous").path("path").asText())
                .isEqualTo(vmm);
        awaitText("console.err", "The VM has moved; attached again.");
        assertThat(run(0, "update", "one", "--to", vmm, "--id", "wave-1")
                        .path("vm-status")
                        .path("pid")
                        .asLong())
                .as("the same operation again is none")
                .isEqualTo(next);
        assertThat(run(0, "history", "one").path("operations")).hasSize(1);
        JsonNode back = run(0, "rollback", "one");
        assertThat(back.path("spec").path("kind").asText()).isEqualTo("rollback");
        assertThat(run(0, "history", "one").path("operations")).hasSize(2);
        assertThat(run(0, "log", "wave-1").path("state").asText()).isEqualTo("committed");
        assertThat(run(0, "status", "one").path("last-pause-ms").asDouble()).isPositive();
        assertThat(run(0, "hmp", "one", "info", "status").path("return").asText())
                .contains("running");
        assertThat(run(3, "qmp", "one", "no-such-command").path("message").asText())
                .contains("(CommandNotFound)");

        detach(console);
        assertThat(unbroken(Files.readString(folder.resolve("console.txt"))))
                .as("the guest counts on across both updates")
                .isTrue();
        run(0, "qmp", "one", "quit");
        assertThat(run(7, "status", "one").path("presence").asText()).isEqualTo("gone");
        assertThat(run(0, "forget", "one").path("runs").asBoolean()).isFalse();
        Home home = new Home(folder.resolve("run"), folder.resolve("state"));
        assertThat(new VmRegistry(home).folder(ONE)).doesNotExist();
    }

    private Process console() throws IOException {
        ProcessBuilder builder = Cprctl.builder(folder, "console", "one");
        return builder.redirectOutput(folder.resolve("console.txt").toFile())
                .redirectError(folder.resolve("console.err").toFile())
                .start();
    }

    private static void detach(Process console) throws Exception {
        try (OutputStream keys = console.getOutputStream()) {
            keys.write(0x1d);
        }
        assertThat(console.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(console.exitValue()).isZero();
    }

    private void awaitText(String file, String text) throws Exception {
        Path path = folder.resolve(file);
        Await.until(
                Duration.ofSeconds(60),
                () -> text + " in " + file,
                () -> Files.exists(path)
                        && Files.readString(path, StandardCharsets.ISO_8859_1).contains(text));
    }

    /** Whether every count on the console is above the one before, and the pattern in memory was always whole. */
    private static boolean unbroken(String text) {
        long last = 0;
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\r?\n", -1)) {
            String[] words = line.split(" ", -1);
            if (words.length == 4 && words[0].equals("N")) {
                long count = Long.parseLong(words[1]);
                if (count <= last || !words[3].equals("ok")) {
                    return false;
                }
                last = count;
            }
        }
        return last > 0;
    }
}
