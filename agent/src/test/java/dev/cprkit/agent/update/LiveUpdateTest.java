package dev.cprkit.agent.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The engine against a scripted pair of VMs: the way through, and every edge that leads back. */
@Timeout(60)
class LiveUpdateTest {
    @TempDir
    private Path folder;

    private FakeHost host;
    private final List<String> states = new ArrayList<>();
    private final List<String> codes = new ArrayList<>();
    private final Cancellation cancellation = new Cancellation();
    private Duration timeout = Duration.ofSeconds(20);

    @BeforeEach
    void start() throws IOException {
        host = new FakeHost(folder, "running");
    }

    @AfterEach
    void end() {
        host.close();
    }

    @Test
    void aRunningGuestMoves() throws IOException {
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(states)
                .containsExactly(
                        "planned",
                        "checked",
                        "staged",
                        "armed",
                        "paused",
                        "saved",
                        "taken",
                        "running-new",
                        "committed");
        UpdateResult.Handover handover = result.handover().orElseThrow();
        assertThat(handover.runState()).isEqualTo("running");
        assertThat(handover.qmp()).isEqualTo(folder.resolve("vm.g1.qmp"));
        assertThat(handover.pause().orElseThrow().source()).isEqualTo(Pause.Source.EVENTS);
        assertThat(handover.pause().orElseThrow().length()).isBetween(Duration.ZERO, Duration.ofSeconds(5));
        assertThat(host.oldProcess.isAlive()).isFalse();
        assertThat(host.newProcess.signals).isEmpty();
        assertThat(Files.readSymbolicLink(folder.resolve("vm.qmp"))).isEqualTo(Path.of("vm.g1.qmp"));
        assertThat(privateFolder()).doesNotExist();
    }

    @Test
    void aStoppedGuestMovesAndIsNotStarted() throws IOException {
        restart("paused");
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(result.handover().orElseThrow().runState()).isEqualTo("paused");
        assertThat(result.handover().orElseThrow().pause()).isEmpty();
        assertThat(host.newVm.orElseThrow().commands).doesNotContain("cont");
    }

    @Test
    void theNewProgramsOwnTimelineIsPreferredToEvents() {
        AtomicInteger asked = new AtomicInteger();
        List<Map<String, Object>> byNew = List.of(
                Map.of("name", "devices-loaded", "ns", 250), Map.of("name", "first-guest-instruction", "ns", 300));
        List<Map<String, Object>> byOld =
                List.of(Map.of("name", "stop-begin", "ns", 90), Map.of("name", "last-guest-instruction", "ns", 100));
        host.shape = vm -> vm.answers.put(
                "x-query-cpr-timeline",
                a -> asked.incrementAndGet() < 3 // the guest's first instruction comes a little late
                        ? Map.of("role", "target")
                        : Map.of("role", "target", "checkpoints", byNew, "peer-checkpoints", byOld, "pause-ns", 200));
        Pause pause = update().handover().orElseThrow().pause().orElseThrow();
        assertThat(pause.source()).isEqualTo(Pause.Source.TIMELINE);
        assertThat(pause.length()).isEqualTo(Duration.ofNanos(200));
        assertThat(pause.timeline().orElseThrow().duringPause())
                .containsExactly(
                        new Timeline.Checkpoint("last-guest-instruction", true, 100),
                        new Timeline.Checkpoint("devices-loaded", false, 250),
                        new Timeline.Checkpoint("first-guest-instruction", false, 300));
        assertThat(pause.timeline().orElseThrow().checkpoints()).hasSize(4);
    }

    @Test
    void noVm() {
        host.close();
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.UNREACHABLE);
        assertThat(result.state()).isEmpty();
        assertThat(states).isEmpty();
    }

    @Test
    void allChecksAreMadeAtOnceAndNothingIsStarted() {
        host.oldVm.answers.put("query-memdev", a -> List.of(Map.of("id", "ram0", "size", 1, "share", false)));
        host.oldVm.answers.put(
                "query-migrate",
                a -> Map.of(
                        "blocked-reasons",
                        List.of("Memory region vga.vram is not compatible with CPR."),
                        "status",
                        "none"));
        host.oldVm.answers.put("qom-get", a -> false);
        host.oldVm.runState = "shutdown";
        host.arguments.add("-snapshot");
        host.uid = 7;
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.REFUSED);
        assertThat(codes)
                .containsExactlyInAnyOrder(
                        "run-state",
                        "blocked",
                        "memory-not-shared",
                        "aux-ram-not-shared",
                        "temporary-disk",
                        "other-user");
        assertThat(states).containsExactly("planned", "aborted");
        assertThat(host.started).isEmpty();
        assertThat(host.oldVm.mode).isEqualTo("normal");
    }

    @Test
    void aProgramThatDoesNotKnowTheMode() {
        host.oldVm.answers.put("migrate-set-parameters", a -> {
            throw new IOException("Parameter 'mode' does not accept value 'cpr-transfer'");
        });
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.REFUSED);
        assertThat(codes).containsExactly("mode-unsupported");
    }

    @Test
    void whatStandsInTheWayOfTheNewSocketIsNotRemoved() throws IOException {
        Files.writeString(folder.resolve("vm.g1.qmp"), "precious");
        assertThat(update().status()).isEqualTo(ExitStatus.REFUSED);
        assertThat(codes).containsExactly("path-taken");
        assertThat(folder.resolve("vm.g1.qmp")).hasContent("precious");
    }

    @Test
    void aDaemonsRelativePathsBeginWhereItWasStarted() {
        host.arguments.set(host.arguments.size() - 1, "unix:vm.qmp,server=on,wait=off");
        host.arguments.add("-daemonize");
        host.directory = Path.of("/");
        host.environment = Map.of("PWD", folder.toString());
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(result.handover().orElseThrow().qmp()).isEqualTo(folder.resolve("vm.g1.qmp"));
    }

    @Test
    void aProcessThatAKilledUpdateLeftIsNamed() {
        host.leftovers = List.of(77L);
        assertThat(update().status()).isEqualTo(ExitStatus.REFUSED);
        assertThat(codes).containsExactly("leftover-process");
    }

    @Test
    void oneUpdateAtATime() {
        host.claimed = true;
        assertThat(update().status()).isEqualTo(ExitStatus.CONFLICT);
        assertThat(codes).containsExactly("update-running");
        assertThat(host.oldVm.commands).doesNotContain("migrate-set-parameters");
    }

    /** Somebody who lists VMs, say, must not make an update fail that begins at that moment. */
    @Test
    void aCheckBySomebodyElseIsWaitedFor() {
        host.checked = true;
        assertThat(update().status()).isEqualTo(ExitStatus.OK);
    }

    @Test
    void aCheckAloneChangesNothing() {
        UpdateResult result = new LiveUpdate(request(), host, new Recorder(), cancellation).check();
        assertThat(result.status()).isEqualTo(ExitStatus.OK);
        assertThat(result.command()).contains("-incoming", "defer");
        assertThat(host.oldVm.mode).isEqualTo("normal");
        assertThat(host.started).isEmpty();
    }

    @Test
    void theNewProcessDiesAtOnce() {
        host.diesAtOnce = true;
        host.prints = "vmm: unknown option -x";
        UpdateResult result = update();
        assertAborted(result, ExitStatus.ABORTED, "the new process ended (exit status 1)");
        assertThat(result.output()).isEqualTo("vmm: unknown option -x");
        assertThat(host.oldVm.commands).doesNotContain("migrate");
    }

    @Test
    void theNewProcessNeverAsksForTheMemory() {
        host.asksForMemory = false;
        timeout = Duration.ofSeconds(1);
        assertAborted(update(), ExitStatus.ABORTED, "did not ask for the guest's memory within 1 s");
        assertThat(host.newProcess.isAlive()).isFalse();
    }

    @Test
    void somebodyAsksToStopWhileTheNewProcessStarts() {
        host.asksForMemory = false;
        host.shape = vm -> cancellation.request();
        assertAborted(update(), ExitStatus.ABORTED, "was asked to stop");
        assertThat(host.newProcess.isAlive()).isFalse();
    }

    @Test
    void theOldProcessRefusesToMigrate() {
        host.oldVm.answers.put("migrate", a -> {
            throw new IOException("no way");
        });
        assertAborted(update(), ExitStatus.ABORTED, "migrate was refused: no way");
    }

    @Test
    void theNewProcessDiesWhileItMakesItsDevices() {
        host.shape = vm -> vm.greets = false;
        host.oldVm.answers.put("migrate", a -> {
            host.oldVm.migration("setup");
            host.newProcess.kill();
            return Map.of();
        });
        assertAborted(update(), ExitStatus.ABORTED, "");
        assertThat(host.oldVm.mode).isEqualTo("normal");
    }

    @Test
    void theNewProcessNeverAnswers() {
        host.shape = vm -> vm.greets = false;
        timeout = Duration.ofSeconds(1);
        host.behindLauncher = Optional.of(new FakeHost.FakeProcess());
        assertAborted(update(), ExitStatus.ABORTED, "did not answer on its monitor");
        assertThat(host.oldVm.commands).contains("migrate_cancel");
        assertThat(host.behindLauncher.orElseThrow().isAlive()).isFalse();
    }

    @Test
    void somebodyAsksToStopWhileTheNewProcessMakesItsDevices() {
        host.shape = vm -> vm.greets = false;
        host.oldVm.answers.put("migrate", a -> {
            host.oldVm.migration("setup");
            cancellation.request();
            return Map.of();
        });
        assertAborted(update(), ExitStatus.ABORTED, "asked to stop");
    }

    @Test
    void theNewProcessIsAFreshMachine() {
        host.shape = vm -> vm.runState = "running";
        assertAborted(update(), ExitStatus.ABORTED, "its run state is running");
        assertThat(host.newProcess.isAlive()).isFalse();
    }

    @Test
    void theNewProcessCannotListen() {
        host.shape = vm -> vm.answers.put("migrate-incoming", a -> {
            throw new IOException("Address already in use");
        });
        assertAborted(update(), ExitStatus.ABORTED, "Address already in use");
    }

    @Test
    void theNewProcessDiesWhileItLoads() {
        host.loaded = host.newProcess::kill;
        host.prints = "load of migration failed";
        UpdateResult result = update();
        assertAborted(result, ExitStatus.ABORTED, "");
        assertThat(result.output()).isEqualTo("load of migration failed");
        assertThat(host.oldVm.runState).isEqualTo("running");
    }

    @Test
    void theNewProcessDiesAfterAllWasSentAndBeforeTheGuestRan() {
        host.loaded = () -> {
            host.oldCompletes(); // without a return path it knows no better
            host.newProcess.kill();
        };
        assertAborted(update(), ExitStatus.ABORTED, "");
        assertThat(host.oldVm.commands).contains("cont");
        assertThat(host.oldVm.runState).isEqualTo("running");
    }

    @Test
    void theNewProcessHangsWhileItLoads() {
        host.loaded = () -> {};
        timeout = Duration.ofSeconds(1);
        assertAborted(update(), ExitStatus.ABORTED, "did not send its state");
        assertThat(host.newVm.orElseThrow().commands).contains("stop").doesNotContain("cont");
    }

    @Test
    void theNewProcessDiesAfterTheGuestRanInIt() {
        host.loaded = () -> {
            host.newVm.orElseThrow().event("RESUME", Map.of());
            host.oldCompletes();
            host.newProcess.kill();
        };
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message()).contains("the guest had begun to run in the new process, which is gone");
        assertThat(host.oldVm.commands).doesNotContain("cont");
        assertThat(host.oldProcess.isAlive()).isTrue();
    }

    @Test
    void aSwitchThatIsThroughWhenTheTimeIsUpGoesForward() {
        host.loaded = () -> {
            FakeVm vm = host.newVm.orElseThrow();
            vm.event("RESUME", Map.of());
            vm.runState = "running";
            vm.migration("completed"); // but the old one never learns that
        };
        timeout = Duration.ofSeconds(1);
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(host.newVm.orElseThrow().commands).containsSubsequence("stop", "cont");
        assertThat(host.oldVm.commands).doesNotContain("cont");
        assertThat(states).endsWith("taken", "running-new", "committed");
    }

    @Test
    void theOldProcessDiesBeforeTheSwitch() {
        host.shape = vm -> vm.greets = false;
        host.oldProcess.lingers = true;
        host.oldVm.answers.put("migrate", a -> {
            host.oldProcess.kill();
            return null;
        });
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message()).contains("has ended");
        assertThat(host.newProcess.isAlive()).isFalse();
    }

    @Test
    void theNewProcessHasTheGuestInAnotherState() {
        host.loaded = () -> {
            host.newRuns();
            host.newVm.orElseThrow().runState = "internal-error";
        };
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message()).contains("internal-error");
        assertThat(privateFolder()).doesNotExist();
        assertThat(host.oldProcess.isAlive()).isTrue();
        assertThat(host.newProcess.isAlive()).isTrue();
    }

    @Test
    void anOldProcessThatDoesNotQuitIsEnded() {
        host.oldVm.onQuit = () -> {};
        host.oldVm.answers.put("quit", a -> Map.of());
        host.oldProcess.stubborn = true;
        assertThat(update().status()).isEqualTo(ExitStatus.OK);
        assertThat(host.oldProcess.signals).containsExactly("TERM", "KILL");
    }

    private void assertAborted(UpdateResult result, ExitStatus status, String message) {
        assertThat(result.status()).as(result.message()).isEqualTo(status);
        assertThat(result.message()).contains(message).contains("the guest is running in process");
        assertThat(states).endsWith("aborted");
        assertThat(host.oldProcess.isAlive()).isTrue();
        assertThat(host.newProcess.isAlive()).isFalse();
        assertThat(host.oldVm.runState).isEqualTo("running");
        assertThat(host.oldVm.mode).isEqualTo("normal");
        assertThat(folder.resolve("vm.g1.qmp")).doesNotExist();
        assertThat(folder.resolve("vm.g1.qmp.log")).doesNotExist();
        assertThat(privateFolder()).doesNotExist();
    }

    private Path privateFolder() {
        String option = host.started.getLast();
        return Path.of(option.substring(option.indexOf("addr.path=") + 10)).getParent();
    }

    private void restart(String runState) throws IOException {
        host.close();
        host = new FakeHost(folder, runState);
    }

    private UpdateRequest request() {
        return UpdateRequest.of(folder.resolve("vm.qmp"), Optional.empty(), timeout, MigMode.CPR_TRANSFER);
    }

    private UpdateResult update() {
        return new LiveUpdate(request(), host, new Recorder(), cancellation).run();
    }

    private final class Recorder implements UpdateJournal {
        @Override
        public void entered(UpdateStep step) {
            states.add(step.state().stateName());
        }

        @Override
        public void found(Finding finding) {
            codes.add(finding.code().codeName());
        }
    }
}
