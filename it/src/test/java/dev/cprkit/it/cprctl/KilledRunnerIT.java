package dev.cprkit.it.cprctl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.journal.Journal;
import dev.cprkit.agent.operation.LocalOperations;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.reboot.SavedStates;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRecord;
import dev.cprkit.agent.vm.VmRegistry;
import dev.cprkit.it.vm.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever runs an operation is killed (SIGKILL) at each step that it writes into the journal. Whoever comes next finds
 * one guest, with its memory, and leaves nothing over.
 */
@Timeout(240)
class KilledRunnerIT {
    private static final String NAME = "web";

    @TempDir
    private Path folder;

    private Path program;
    private Home home;

    @BeforeEach
    void prepare() throws Exception {
        program = VmmUnderTest.launcher(folder);
        home = new Home(folder.resolve("run"), folder.resolve("lib"));
        Files.createDirectory(folder.resolve("tmp"));
    }

    private void manage(RunningVm vm) throws IOException {
        new VmRegistry(home)
                .add(new VmRecord(
                        VmName.of(NAME).orElseThrow(), VmRecord.Origin.ADOPTED, vm.qmp(), List.of(), Instant.now()));
    }

    /** Lets a process run an operation as far as a state, and kills it there. */
    private void runAndKill(String kind, String mode, String state) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + folder.resolve("tmp"),
                "-cp",
                System.getProperty("java.class.path"),
                Runner.class.getName(),
                home.runtime().toString(),
                home.state().toString(),
                NAME,
                kind,
                mode,
                "",
                state));
        Process runner = new ProcessBuilder(command)
                .redirectError(folder.resolve("runner.err").toFile())
                .start();
        try (BufferedReader lines = runner.inputReader()) {
            String said = lines.readLine();
            assertThat(said).as(Files.readString(folder.resolve("runner.err"))).isEqualTo("at " + state);
        } finally {
            runner.destroyForcibly();
            assertThat(runner.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private Operation recover() throws Exception {
        try (Journal journal = Journal.open(home.journal());
                LocalOperations operations = Runner.operations(home, journal)) {
            List<Operation> ended = operations.recover(Optional.empty());
            assertThat(ended).hasSize(1);
            assertThat(journal.unfinished(Optional.empty())).isEmpty();
            return ended.getFirst();
        }
    }

    private static ExitStatus status(Operation operation) {
        return operation.outcome().orElseThrow().status();
    }

    @ParameterizedTest
    @CsvSource({
        "transfer,planned checked staged armed paused saved taken running-new committed",
        "exec,armed saved taken",
        "reboot,armed saved taken"
    })
    void oneGuestRunsAndNothingIsLeft(String mode, String states) throws Exception {
        try (RunningVm vm = RunningVm.start(program, folder)) {
            manage(vm);
            for (String state : states.split(" ", -1)) {
                vm.await("a count", () -> vm.counter() > 0);
                long before = vm.counter();
                runAndKill("update", mode, state);
                Operation ended = recover();
                String what = state + ": " + ended.outcome().orElseThrow().message();
                boolean forward = List.of("taken", "running-new", "committed").contains(state);
                assertThat(status(ended))
                        .as(what)
                        .isIn(forward ? List.of(ExitStatus.OK) : List.of(ExitStatus.OK, ExitStatus.ABORTED));
                if (mode.equals("reboot")) {
                    vm.follow();
                }
                long after = vm.counter();
                assertThat(after).as(what).isGreaterThanOrEqualTo(before);
                vm.await("a count after " + what, () -> vm.counter() > after);
                assertThat(vm.runState()).as(what).isEqualTo("running");
                assertThat(processes()).as(what).containsExactly(vm.pid());
                assertNoFilesAreLeft(what);
            }
        }
    }

    @Test
    void aSaveIsFinishedOrBackedOut() throws Exception {
        try (RunningVm vm = RunningVm.start(program, folder)) {
            manage(vm);
            for (String state : List.of("checked", "armed", "saved")) {
                vm.await("a count", () -> vm.counter() > 0);
                runAndKill("reboot-save", "auto", state);
                Operation ended = recover();
                assertThat(status(ended))
                        .as(ended.outcome().orElseThrow().message())
                        .isEqualTo(ExitStatus.ABORTED);
                long after = vm.counter();
                vm.await("a count after " + state, () -> vm.counter() > after);
                assertThat(processes()).containsExactly(vm.pid());
                assertNoFilesAreLeft(state);
            }
        }
    }

    @Test
    void aRestoreIsFinishedOrTheGuestIsStillSaved() throws Exception {
        try (RunningVm vm = RunningVm.start(program, folder)) {
            manage(vm);
            for (String state : List.of("checked", "staged", "armed", "saved", "taken", "running-new")) {
                vm.await("a count", () -> vm.counter() > 0);
                long before = vm.counter();
                assertThat(run("reboot-save")).isEqualTo(ExitStatus.SAVED);
                assertThat(processes()).isEmpty();
                assertThat(run("reboot-save")).as("there is none to save").isEqualTo(ExitStatus.UNREACHABLE);
                runAndKill("reboot-restore", "auto", state);
                Operation ended = recover();
                boolean runs = state.equals("running-new");
                String what = state + ": " + ended.outcome().orElseThrow().message();
                assertThat(status(ended)).as(what).isEqualTo(runs ? ExitStatus.OK : ExitStatus.SAVED);
                assertThat(processes()).as(what).hasSize(runs ? 1 : 0);
                // What the killed process listened on can be there for a moment longer: that is refused, and nothing is
                // lost.
                Await.until(
                        RunningVm.LIMIT, () -> "a restore after " + what, () -> run("reboot-restore") == ExitStatus.OK);
                vm.follow();
                long after = vm.counter();
                assertThat(after).as(what).isGreaterThanOrEqualTo(before);
                vm.await("a count after " + what, () -> vm.counter() > after);
                assertThat(vm.runState()).isEqualTo("running");
                assertThat(processes()).containsExactly(vm.pid());
                assertNoFilesAreLeft(what);
            }
        }
    }

    @Test
    void memoryInAFileStaysThereWhileTheHostRestarts() throws Exception {
        try (RunningVm vm = RunningVm.startWithMemoryInFile(program, folder)) {
            manage(vm);
            vm.await("a count", () -> vm.counter() > 0);
            vm.tell("stop");
            long stopped = vm.counter();
            assertThat(run("reboot-save")).isEqualTo(ExitStatus.SAVED);
            SavedStates states = new SavedStates(home);
            VmName name = VmName.of(NAME).orElseThrow();
            assertThat(states.find(name).orElseThrow().ignoreShared()).isTrue();
            assertThat(Files.size(states.of(name).resolve(SavedStates.STATE))).isLessThan(8 << 20);
            new VmRegistry(home).remove(name); // as a restart of the host does
            assertThat(run("reboot-restore")).isEqualTo(ExitStatus.OK);
            assertThat(run("reboot-restore")).as("nothing to do").isEqualTo(ExitStatus.OK);
            assertThat(new VmRegistry(home).find(name).orElseThrow().qmp()).isEqualTo(vm.qmp());
            assertThat(vm.runState()).isEqualTo("paused");
            assertThat(vm.counter()).isEqualTo(stopped);
            vm.tell("cont");
            vm.await("the next count", () -> vm.counter() > stopped);
        }
    }

    @Test
    void aStateThatWasChangedIsNotRestored() throws Exception {
        try (RunningVm vm = RunningVm.start(program, folder)) {
            manage(vm);
            vm.await("a count", () -> vm.counter() > 0);
            assertThat(run("reboot-save")).isEqualTo(ExitStatus.SAVED);
            Path state = new SavedStates(home).of(VmName.of(NAME).orElseThrow()).resolve(SavedStates.STATE);
            byte[] bytes = Files.readAllBytes(state);
            bytes[bytes.length / 2] ^= 1;
            Files.write(state, bytes);
            assertThat(run("reboot-restore")).isEqualTo(ExitStatus.REFUSED);
            assertThat(processes()).isEmpty();
            bytes[bytes.length / 2] ^= 1;
            Files.write(state, bytes);
            assertThat(run("reboot-restore")).isEqualTo(ExitStatus.OK);
            assertThat(vm.runState()).isEqualTo("running");
        }
    }

    /** In this process, to its end. */
    private ExitStatus run(String kind) throws Exception {
        try (Journal journal = Journal.open(home.journal());
                LocalOperations operations = Runner.operations(home, journal)) {
            var spec = OperationSpec.of(
                    OperationKind.of(kind).orElseThrow(), VmName.of(NAME).orElseThrow());
            Operation begun = operations.begin(Optional.empty(), spec);
            return status(operations.await(begun.id(), RunningVm.LIMIT));
        }
    }

    /** The VMs' processes of this test. */
    private List<Long> processes() {
        return ProcessHandle.allProcesses()
                .filter(ProcessHandle::isAlive)
                .map(ProcessHandle::pid)
                .filter(pid -> commandLine(pid).contains("-serial unix:" + folder))
                .toList();
    }

    /** As proc(5) has it: {@link ProcessHandle} gives none that is longer than a page. */
    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ');
        } catch (IOException e) {
            return ""; // it has ended
        }
    }

    private void assertNoFilesAreLeft(String what) throws IOException {
        List<Path> left = new ArrayList<>(entries(folder.resolve("tmp")));
        left.addAll(entries(home.saved()));
        left.removeIf(file -> file.getFileName().toString().startsWith("sqlite-")
                || file.getFileName().toString().startsWith("jffi")
                || file.getFileName().toString().startsWith("hsperfdata"));
        assertThat(left).as(what).isEmpty();
    }

    private static List<Path> entries(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }
}
