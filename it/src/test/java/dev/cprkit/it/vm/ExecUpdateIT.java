package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mode cpr-exec: the program of a vmm process is replaced under its process id, driven by QMP alone. */
class ExecUpdateIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void aRunningGuestGoesOnUnderTheSameProcessIdTenTimesInARow() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess vm = Updates.boot(folder, guest)) {
            guest.awaitCount(2);
            String ram = Updates.ramInode(vm);
            long descriptors = 0;
            for (int update = 1; update <= 10; update++) {
                long before = guest.count();
                update(vm, guest, "file:" + state());
                vm.awaitStatus("running");
                guest.awaitCount(before + 2);
                assertThat(vm.execute("x-query-cpr-timeline").get("generation").asLong())
                        .isEqualTo(update + 1);
                if (update == 2) {
                    descriptors = descriptors(vm);
                }
            }
            assertThat(descriptors(vm)).as("open descriptors").isEqualTo(descriptors);
            assertThat(Updates.ramInode(vm)).as("the RAM's memfd").isEqualTo(ram);
            assertThat(guest.boots()).isEqualTo(1);
            assertThat(guest.unbroken()).as(guest.text()).isTrue();
            assertThat(mode(vm)).isEqualTo("normal");
        }
    }

    @Test
    void aStoppedGuestStaysStoppedAndADeferredStreamIsNamedLater() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess vm = Updates.boot(folder, guest)) {
            guest.awaitCount(2);
            vm.execute("stop");
            long stoppedAt = guest.count();
            update(vm, guest, "defer");
            vm.awaitStatus("inmigrate");
            vm.execute("migrate-incoming", "{'uri':'file:" + state() + "'}");
            vm.awaitStatus("paused");
            assertThat(guest.count()).isEqualTo(stoppedAt);
            assertThat(vm.events()).doesNotContain("RESUME");
            vm.execute("cont");
            guest.awaitCount(stoppedAt + 3);
            assertThat(guest.unbroken()).as(guest.text()).isTrue();
        }
    }

    @Test
    void anExecThatFailsLetsTheGuestGoOn() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess vm = Updates.boot(folder, guest)) {
            guest.awaitCount(2);
            vm.execute("migrate-set-capabilities", "{'capabilities':[{'capability':'events','state':true}]}");
            prepare(vm, List.of("/no/such/vmm", "-incoming", "defer"));
            vm.execute("migrate", "{'uri':'file:" + state() + "'}");
            vm.awaitMigration("failed");
            assertThat(vm.execute("query-migrate").get("error-desc").asText())
                    .isEqualTo("execvp /no/such/vmm failed: No such file or directory");
            assertThat(vm.status()).isEqualTo("running");
            assertThat(vm.events())
                    .containsExactly(
                            "MIGRATION setup",
                            "STOP",
                            "MIGRATION active",
                            "MIGRATION_PASS",
                            "MIGRATION device",
                            "MIGRATION completed",
                            "MIGRATION failed",
                            "RESUME");
            guest.awaitCount(guest.count() + 3);
            long descriptors = descriptors(vm);
            vm.execute("migrate", "{'uri':'file:" + state() + "'}");
            Await.until(
                    VmProcess.LIMIT,
                    () -> "a second failure",
                    () -> vm.events().stream()
                                    .filter("MIGRATION failed"::equals)
                                    .count()
                            == 2);
            assertThat(descriptors(vm)).as("open descriptors").isEqualTo(descriptors);
            update(vm, guest, "file:" + state());
            vm.awaitStatus("running");
            guest.awaitCount(guest.count() + 3);
            assertThat(guest.unbroken()).as(guest.text()).isTrue();
        }
    }

    @Test
    void aFailedExecLeavesAStoppedGuestStopped() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess vm = Updates.boot(folder, guest)) {
            guest.awaitCount(2);
            vm.execute("stop");
            prepare(vm, List.of("/no/such/vmm", "-incoming", "defer"));
            vm.execute("migrate", "{'uri':'file:" + state() + "'}");
            vm.awaitMigration("failed");
            assertThat(vm.status()).isEqualTo("paused");
            vm.execute("cont");
            guest.awaitCount(guest.count() + 2);
        }
    }

    @Test
    void whatCanOnlyLoseTheGuestIsRefusedWhileItRuns() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess vm = Updates.boot(folder, guest)) {
            vm.execute("migrate-set-parameters", "{'mode':'cpr-exec'}");
            assertThat(vm.refused("migrate", "{'uri':'file:" + state() + "'}"))
                    .isEqualTo("cpr-exec mode requires setting cpr-exec-command");
            prepare(vm, List.of("/bin/true"));
            assertThat(vm.refused("migrate", "{'uri':'file:" + state() + "'}"))
                    .isEqualTo(
                            "cpr-exec-command has no -incoming option: the next program would boot a guest of its own"
                                    + " over the memory of this one");
            prepare(vm, List.of("/bin/true", "-incoming", "defer", "-daemonize"));
            assertThat(vm.refused("migrate", "{'uri':'file:" + state() + "'}"))
                    .isEqualTo("cpr-exec-command has -daemonize: the process that owns the guest would end");
            prepare(vm, List.of("/bin/true", "-incoming", "defer"));
            assertThat(vm.refused("migrate", "{'uri':'unix:" + folder.resolve("nobody") + "'}"))
                    .isEqualTo("cpr-exec needs a main channel that keeps the stream until the next program reads it;"
                            + " use file:PATH");
            assertThat(vm.refused("migrate", "{'uri':'file:" + folder.resolve("none/state") + "'}"))
                    .contains("No such file or directory");
            assertThat(vm.status()).isEqualTo("running");
            assertThat(vm.events()).doesNotContain("STOP");
        }
    }

    @Test
    void theNextProgramStartsWithACleanProcess() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess vm = Updates.boot(folder, guest)) {
            guest.awaitCount(1);
            // A program that tells what it was started with, then starts the emulator.
            Path report = folder.resolve("report");
            List<String> command = new ArrayList<>(List.of(
                    "/bin/bash", // dash would clear the mask that is looked for
                    "-c",
                    "{ grep SigBlk /proc/self/status; ls -l /proc/$$/fd; } >" + report + "; exec \"$@\"",
                    "bash"));
            command.addAll(next(guest, "file:" + state()));
            prepare(vm, command);
            vm.execute("migrate", "{'uri':'file:" + state() + "'}");
            vm.awaitNextProgram();
            vm.awaitStatus("running");
            List<String> lines = Files.readAllLines(report);
            assertThat(lines.getFirst()).as("blocked signals").endsWith("0000000000000000");
            assertThat(lines.stream().filter(line -> line.contains("memfd:")))
                    .as("the state, the RAM, the ROM and the owner's record")
                    .hasSize(4);
            assertThat(lines.stream().filter(line -> line.contains("socket:") || line.contains(".jar")))
                    .as("descriptors that leaked")
                    .isEmpty();
        }
    }

    @Test
    void theLauncherKeepsTheProcessAndPassesEverythingOn() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess vm = Updates.boot(folder, guest)) {
            long count = guest.awaitCount(2);
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("cprkit.root", ".."), "bin", "vmm")
                    .toAbsolutePath()
                    .normalize()
                    .toString());
            List<String> direct = next(guest, "file:" + state());
            command.addAll(direct.subList(direct.indexOf("dev.cprkit.vmm.Main") + 1, direct.size()));
            prepare(vm, command);
            vm.execute("migrate", "{'uri':'file:" + state() + "'}");
            vm.awaitNextProgram();
            vm.awaitStatus("running");
            guest.awaitCount(count + 3);
            assertThat(Files.readString(Path.of("/proc/" + vm.pid() + "/cmdline")))
                    .contains("-Dcprkit.launcher=");
            assertThat(guest.unbroken()).as(guest.text()).isTrue();
        }
    }

    private Path state() {
        return folder.resolve("state");
    }

    /** Replaces the program and reconnects. */
    private void update(VmProcess vm, BareGuest guest, String incoming) throws Exception {
        prepare(vm, next(guest, incoming));
        vm.execute("migrate", "{'uri':'file:" + state() + "'}");
        vm.awaitNextProgram();
    }

    private static void prepare(VmProcess vm, List<String> command) throws Exception {
        vm.execute(
                "migrate-set-parameters",
                "{'mode':'cpr-exec','cpr-exec-command':" + JSON.writeValueAsString(command) + "}");
    }

    private List<String> next(BareGuest guest, String incoming) {
        List<String> options = new ArrayList<>(BareGuest.machine());
        options.addAll(guest.consoleOptions());
        options.addAll(List.of(
                "-kernel",
                BareGuest.image().toString(),
                "-incoming",
                incoming,
                "-qmp",
                "unix:" + folder.resolve("old.qmp") + ",server=on,wait=off"));
        return VmProcess.command(options);
    }

    private static String mode(VmProcess vm) throws Exception {
        return vm.execute("query-migrate-parameters").get("mode").asText();
    }

    /** How many descriptors the process has open, once the state's file, which another thread closes, is none of them. */
    private long descriptors(VmProcess vm) throws Exception {
        long[] count = new long[1];
        Await.until(VmProcess.LIMIT, () -> "the state's file to be closed", () -> {
            count[0] = 0;
            boolean closed = true;
            try (Stream<Path> entries = Files.list(Path.of("/proc/" + vm.pid() + "/fd"))) {
                for (Path entry : entries.toList()) {
                    closed &= !Files.readSymbolicLink(entry).startsWith(state());
                    count[0]++;
                }
            }
            return closed;
        });
        return count[0];
    }
}
