package dev.cprkit.it.cprctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a saved VM is restored from, and what it is not restored from. */
@Timeout(120)
class SavedVmIT {
    private static final String NAME = "web";

    @TempDir
    private Path folder;

    private Path program;
    private Home home;

    @BeforeEach
    void prepare() {
        Optional<Path> found = QemuUnderTest.newest();
        assumeTrue(found.isPresent(), QemuUnderTest.newestReason());
        program = found.orElseThrow();
        home = new Home(folder.resolve("run"), folder.resolve("lib"));
    }

    private void manage(RunningVm vm) throws IOException {
        new VmRegistry(home)
                .add(new VmRecord(
                        VmName.of(NAME).orElseThrow(), VmRecord.Origin.ADOPTED, vm.qmp(), List.of(), Instant.now()));
    }

    private static ExitStatus status(Operation operation) {
        return operation.outcome().orElseThrow().status();
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
}
