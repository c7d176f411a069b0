package dev.cprkit.it.cprctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.update.Cancellation;
import dev.cprkit.agent.update.Evidence;
import dev.cprkit.agent.update.LiveUpdate;
import dev.cprkit.agent.update.PauseHistory;
import dev.cprkit.agent.update.UpdateJournal;
import dev.cprkit.agent.update.UpdateRequest;
import dev.cprkit.agent.update.UpdateResult;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.update.UpdateStep;
import dev.cprkit.proto.client.QmpClient;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the engine promises in every mode, whichever program runs the VM. */
@Timeout(240)
abstract class EngineCases {
    private static final List<String> ALL_STATES =
            List.of("planned", "checked", "staged", "armed", "paused", "saved", "taken", "running-new", "committed");

    private static final String SLOW = "about the engine alone, and held with programs that start more quickly";

    @TempDir
    private Path folder;

    private Path program;
    private final List<String> states = new ArrayList<>();
    private final Set<Path> folders = new HashSet<>();
    private Consumer<LiveUpdate> during = update -> {};
    private Runnable whenArmed = () -> {};
    private Optional<Duration> budget = Optional.empty();
    private PauseHistory history = PauseHistory.NONE;
    private Duration probation = Duration.ZERO;

    /** The program under test, made in {@code folder} if it has to be; empty if this host has none. */
    abstract Optional<Path> find(Path folder) throws Exception;

    /** Why there is none. */
    abstract String reason();

    /** Whether it knows cpr-exec. */
    abstract boolean knowsExec();

    /** Whether it asks the next program of an exec before it stops the guest. */
    abstract boolean asksNextProgram();

    /** Whether it starts in a moment. Cases that are about the engine alone are left out where it does not. */
    abstract boolean isQuick();

    @BeforeEach
    void find() throws Exception {
        Optional<Path> found = find(folder);
        assumeTrue(found.isPresent(), reason());
        program = found.orElseThrow();
    }

    private UpdateResult update(RunningVm vm, ModeChoice mode, Path to) {
        states.clear();
        UpdateRequest request = new UpdateRequest(
                vm.qmp(),
                Optional.of(to),
                Duration.ofMinutes(1),
                mode.modes(),
                budget,
                probation,
                Optional.of(folder.resolve("states")));
        LiveUpdate[] update = {null};
        update[0] = new LiveUpdate(
                request,
                new LinuxHost(),
                new UpdateJournal() {
                    @Override
                    public void entered(UpdateStep step) {
                        states.add(step.state().stateName());
                        if (step.state() == UpdateState.ARMED) {
                            whenArmed.run();
                        }
                        if (step.state() == UpdateState.RUNNING_NEW) {
                            during.accept(update[0]);
                        }
                    }

                    @Override
                    public void found(Finding finding) {
                        // the result has them all
                    }

                    @Override
                    public void evidence(Evidence told) {
                        folders.add(told.privateFolder());
                    }
                },
                new Cancellation(),
                history);
        return update[0].run();
    }

    private void assertDone(UpdateResult result, MigMode mode) {
        assertThat(result.status()).as(result.message() + result.findings()).isEqualTo(ExitStatus.OK);
        assertThat(result.mode()).contains(mode);
        assertThat(states).isEqualTo(ALL_STATES);
    }

    @ParameterizedTest
    @EnumSource(
            value = ModeChoice.class,
            names = {"EXEC", "REBOOT"})
    void aRunningGuestMovesTwice(ModeChoice mode) throws Exception {
        assumeExec(mode);
        try (RunningVm vm = RunningVm.start(program, folder)) {
            vm.await("the guest's first count", () -> vm.counter() > 0);
            setBandwidth(vm, 77 << 20);
            for (int i = 0; i < 2; i++) {
                long before = vm.counter();
                long pid = vm.pid();
                UpdateResult result = update(vm, mode, program);
                assertDone(result, mode.modes().getFirst());
                UpdateResult.Handover handover = result.handover().orElseThrow();
                assertThat(handover.pause()).isPresent();
                assertThat(handover.qmp()).isEqualTo(vm.qmp());
                assertThat(handover.oldPid()).isEqualTo(pid);
                assertThat(handover.newPid()).isEqualTo(vm.pid());
                assertThat(handover.newPid() == pid).isEqualTo(mode == ModeChoice.EXEC);
                assertThat(result.previous().orElseThrow().sha256()).hasSize(64);
                assertThat(result.program().orElseThrow().sha256()).hasSize(64);
                assertThat(result.program().orElseThrow().path()).isEqualTo(program);
                assertThat(result.program().orElseThrow().version())
                        .isEqualTo(result.previous().orElseThrow().version());
                vm.follow();
                long after = vm.counter();
                assertThat(after).isGreaterThanOrEqualTo(before);
                vm.await("a count in the new program", () -> vm.counter() > after);
                assertThat(vm.runState()).isEqualTo("running");
                assertThat(bandwidth(vm)).isEqualTo(77 << 20);
            }
            assertThat(vm.firstIsAlive()).isEqualTo(mode == ModeChoice.EXEC);
        }
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @EnumSource(
            value = ModeChoice.class,
            names = {"EXEC", "REBOOT"})
    void aStoppedGuestStaysStopped(ModeChoice mode) throws Exception {
        assumeExec(mode);
        try (RunningVm vm = RunningVm.start(program, folder)) {
            vm.await("the guest's first count", () -> vm.counter() > 0);
            vm.tell("stop");
            long stopped = vm.counter();
            UpdateResult result = update(vm, mode, program);
            assertDone(result, mode.modes().getFirst());
            assertThat(result.handover().orElseThrow().pause()).isEmpty();
            vm.follow();
            assertThat(vm.runState()).isEqualTo("paused");
            assertThat(vm.counter()).isEqualTo(stopped);
            vm.tell("cont");
            vm.await("the next count", () -> vm.counter() > stopped);
        }
        assertNothingIsLeft();
    }

    @Test
    void memoryInAFileIsLeftThereByAReboot() throws Exception {
        try (RunningVm vm = RunningVm.startWithMemoryInFile(program, folder)) {
            vm.await("the guest's first count", () -> vm.counter() > 0);
            assertDone(update(vm, ModeChoice.REBOOT, program), MigMode.CPR_REBOOT);
            long after = vm.counter();
            vm.await("a count in the new program", () -> vm.counter() > after);
            assertThat(vm.runState()).isEqualTo("running");
        }
        assertNothingIsLeft();
    }

    @Test
    void aRebootIntoAProgramThatFailsEndsInThePreviousOne() throws Exception {
        try (RunningVm vm = RunningVm.start(program, folder)) {
            vm.await("the guest's first count", () -> vm.counter() > 0);
            long before = vm.counter();
            UpdateResult result = update(vm, ModeChoice.REBOOT, failing("echo 'no such machine' >&2; exit 1"));
            assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.ROLLED_BACK);
            assertThat(result.output()).isEqualTo("no such machine");
            assertThat(states).endsWith("saved", "rolled-back");
            assertThat(result.handover().orElseThrow().newPid()).isEqualTo(vm.pid());
            vm.follow();
            assertThat(vm.counter()).isGreaterThanOrEqualTo(before);
            long after = vm.counter();
            vm.await("a count in the previous program", () -> vm.counter() > after);
            assertDone(update(vm, ModeChoice.REBOOT, program), MigMode.CPR_REBOOT);
        }
        assertNothingIsLeft();
    }

    @Test
    void aRebootThatNoProgramSurvivesLeavesTheStateInItsFile() throws Exception {
        try (RunningVm vm = RunningVm.start(program, folder)) {
            vm.await("the guest's first count", () -> vm.counter() > 0);
            vm.tell("stop");
            long stopped = vm.counter();
            Path kernel = folder.resolve("count.bin");
            Path away = folder.resolve("away.bin");
            UpdateResult result = update(vm, ModeChoice.REBOOT, failing("mv " + kernel + " " + away + "; exit 3"));
            assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.SAVED);
            assertThat(states).endsWith("saved");
            Path state = onlyFile(onlyFile(folder.resolve("states")));
            assertThat(result.message())
                    .contains("the guest is stopped, and its state is in " + state)
                    .contains("-incoming defer")
                    .contains("migrate-incoming");
            Files.move(away, kernel);
            String command = result.message().substring(result.message().indexOf("start one with ") + 15);
            Process again = new ProcessBuilder(
                            "sh", "-c", "exec " + command.substring(0, command.indexOf(", and let it")))
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("again.out").toFile())
                    .start();
            vm.await("the monitor", () -> vm.listens() || !again.isAlive());
            vm.tell("migrate-incoming", "uri", "file:" + state);
            vm.await("the guest", () -> vm.isInState("paused"));
            vm.follow();
            assertThat(vm.counter()).isEqualTo(stopped);
            vm.tell("cont");
            vm.await("the next count", () -> vm.counter() > stopped);
        }
        assertNothingIsLeft();
    }

    @Test
    void anExecOfNoProgramLetsTheGuestGoOn() throws Exception {
        assumeExec(ModeChoice.EXEC);
        try (RunningVm vm = RunningVm.start(program, folder)) {
            Path script = script("exec " + program + " \"$@\"");
            whenArmed = () -> write(script, "#!/no/such/shell\n");
            UpdateResult result = update(vm, ModeChoice.EXEC, script);
            assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.ABORTED);
            assertGuestIsWhereItWas(vm);
            vm.tell("stop");
            write(script, "#!/bin/sh\nexec " + program + " \"$@\"\n");
            result = update(vm, ModeChoice.EXEC, script);
            if (vm.runState().equals("postmigrate")) { // which QEMU does not leave by itself
                assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.ATTENTION);
                assertThat(result.message()).contains("was paused: cont lets it go on there");
            } else {
                assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.ABORTED);
                assertThat(vm.runState()).isEqualTo("paused");
            }
            assertThat(folders).isNotEmpty().allSatisfy(one -> assertThat(one).doesNotExist());
            vm.tell("cont");
            assertGuestIsWhereItWas(vm);
            whenArmed = () -> {};
            assertDone(update(vm, ModeChoice.EXEC, program), MigMode.CPR_EXEC);
        }
        assertNothingIsLeft();
    }

    @Test
    void anExecOfAProgramThatFailsIsRefusedBeforeOrSaidToHaveLostTheGuest() throws Exception {
        assumeExec(ModeChoice.EXEC);
        try (RunningVm vm = RunningVm.start(program, folder)) {
            UpdateResult result = update(vm, ModeChoice.EXEC, failing("echo no >&2; exit 1"));
            if (asksNextProgram()) {
                assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.ABORTED);
                assertGuestIsWhereItWas(vm);
            } else {
                assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.ATTENTION);
                assertThat(result.message()).contains("the guest is lost: its memory was in process " + vm.firstPid());
                assertThat(result.output()).endsWith("no");
            }
        }
        assertNothingIsLeft();
    }

    @Test
    void autoTakesTheFirstThatIsPossible() throws Exception {
        assumeTrue(isQuick(), SLOW);
        try (RunningVm vm = RunningVm.startWithPrivateMemory(program, folder)) {
            UpdateResult result = update(vm, ModeChoice.AUTO, program);
            assertDone(result, MigMode.CPR_REBOOT);
            assertThat(result.findings())
                    .anyMatch(f -> f.code() == Finding.Code.MEMORY_NOT_SHARED
                            && f.subject().startsWith("mode cpr-transfer: "))
                    .anyMatch(f -> f.refuses() && f.subject().startsWith("mode cpr-exec: "));
            assertThat(vm.runState()).isEqualTo("running");
        }
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @EnumSource(
            value = ModeChoice.class,
            names = {"TRANSFER", "EXEC", "REBOOT"})
    void aGuestIsTakenBackDuringItsProbation(ModeChoice mode) throws Exception {
        assumeExec(mode);
        assumeTrue(isQuick() || mode == ModeChoice.EXEC, SLOW);
        try (RunningVm vm = RunningVm.start(program, folder)) {
            vm.await("the guest's first count", () -> vm.counter() > 0);
            probation = Duration.ofMinutes(2);
            during = update -> update.probation().rollBack();
            Path next = script("exec " + program + " \"$@\"");
            UpdateResult result = update(vm, mode, next);
            assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.ROLLED_BACK);
            assertThat(states).startsWith("planned").endsWith("running-new", "rolled-back");
            assertThat(states).filteredOn("running-new"::equals).hasSize(2);
            assertThat(result.message()).contains("asked to be taken back").contains("previous program");
            if (mode == ModeChoice.REBOOT) {
                vm.follow();
            }
            long after = vm.counter();
            vm.await("a count in the previous program", () -> vm.counter() > after);
            assertThat(vm.pid()).isEqualTo(result.handover().orElseThrow().newPid());
        }
        assertNothingIsLeft();
    }

    @Test
    void aProbationIsCommittedBeforeItsTime() throws Exception {
        assumeTrue(isQuick(), SLOW);
        try (RunningVm vm = RunningVm.start(program, folder)) {
            probation = Duration.ofMinutes(2);
            during = update -> update.probation().commit();
            assertDone(update(vm, ModeChoice.TRANSFER, program), MigMode.CPR_TRANSFER);
        }
        assertNothingIsLeft();
    }

    @Test
    void aProgramThatEndsDuringProbationIsTold() throws Exception {
        assumeTrue(isQuick(), SLOW);
        try (RunningVm vm = RunningVm.start(program, folder)) {
            probation = Duration.ofMinutes(2);
            during = update -> vm.kill();
            UpdateResult result = update(vm, ModeChoice.REBOOT, program);
            assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
            assertThat(result.message()).containsAnyOf("in its probation process", "had the guest, and has ended");
        }
        assertNothingIsLeft();
    }

    @Test
    void aPauseOverBudgetIsForeseenByWhatWasBefore() throws Exception {
        assumeTrue(isQuick(), SLOW);
        try (RunningVm vm = RunningVm.start(program, folder)) {
            budget = Optional.of(Duration.ofMillis(200));
            history = mode -> mode == MigMode.CPR_TRANSFER ? List.of() : List.of(Duration.ofSeconds(2));
            UpdateResult result = update(vm, ModeChoice.REBOOT, program);
            assertThat(result.status()).isEqualTo(ExitStatus.REFUSED);
            assertThat(result.findings()).extracting(Finding::code).contains(Finding.Code.PAUSE_OVER_BUDGET);
            assertGuestIsWhereItWas(vm);
            budget = Optional.of(Duration.ofNanos(1));
            result = update(vm, ModeChoice.AUTO, program);
            assertDone(result, MigMode.CPR_TRANSFER);
            assertThat(result.message()).contains("over the budget of 0 ms");
        }
    }

    private void assumeExec(ModeChoice mode) {
        assumeFalse(mode == ModeChoice.EXEC && !knowsExec(), "this program has no cpr-exec");
    }

    private void assertGuestIsWhereItWas(RunningVm vm) throws Exception {
        assertThat(vm.firstIsAlive()).isTrue();
        assertThat(vm.runState()).isEqualTo("running");
        long now = vm.counter();
        vm.await("the next count", () -> vm.counter() > now);
        try (QmpClient qmp = QmpClient.connect(vm.qmp(), RunningVm.LIMIT)) {
            assertThat(qmp.execute("query-migrate-parameters", RunningVm.LIMIT)
                            .path("mode")
                            .asText())
                    .isEqualTo("normal");
            assertThat(qmp.execute("query-migrate-capabilities", RunningVm.LIMIT))
                    .noneMatch(capability -> capability.path("state").asBoolean());
        }
    }

    private static void setBandwidth(RunningVm vm, long bytes) throws Exception {
        try (QmpClient qmp = QmpClient.connect(vm.qmp(), RunningVm.LIMIT)) {
            ObjectNode arguments = JsonNodeFactory.instance.objectNode();
            qmp.execute("migrate-set-parameters", arguments.put("max-bandwidth", bytes), RunningVm.LIMIT);
        }
    }

    private static long bandwidth(RunningVm vm) throws Exception {
        try (QmpClient qmp = QmpClient.connect(vm.qmp(), RunningVm.LIMIT)) {
            return qmp.execute("query-migrate-parameters", RunningVm.LIMIT)
                    .path("max-bandwidth")
                    .asLong();
        }
    }

    private static Path onlyFile(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            return all.getFirst();
        }
    }

    /** No process of ours is left, no saved state, and no private folder. */
    private void assertNothingIsLeft() throws IOException {
        String mark = folder.toString();
        assertThat(ProcessHandle.allProcesses()
                        .filter(p -> p.pid() != ProcessHandle.current().pid())
                        .map(p -> p.info().commandLine().orElse(""))
                        .filter(line -> line.contains(mark)))
                .isEmpty();
        Path saved = folder.resolve("states");
        if (Files.exists(saved)) {
            try (Stream<Path> files = Files.list(saved)) {
                assertThat(files.filter(file -> !states.getLast().equals("saved")))
                        .isEmpty();
            }
        }
    }

    /** A program that answers all questions well, and fails when it is to take a guest. */
    private Path failing(String body) throws IOException {
        return script("case \"$*\" in *-incoming*) " + body + ";; esac; exec " + program + " \"$@\"");
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path script(String body) throws IOException {
        Path script = Files.createTempFile(folder, "program", ".sh");
        Files.writeString(script, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }
}
