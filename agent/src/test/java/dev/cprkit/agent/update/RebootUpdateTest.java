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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mode cpr-reboot as an update: the way through, and every edge that leads from it. */
class RebootUpdateTest extends StateFileUpdateTest {
    RebootUpdateTest() {
        super(MigMode.CPR_REBOOT, "did not save the guest");
    }

    @Test
    void aRunningGuestGoesOnInAProcessOfTheSamePaths() throws IOException {
        List<Object> bandwidth = new ArrayList<>();
        FakeVm.Answer migrate = host.oldVm.answers.get("migrate");
        host.oldVm.answers.put("migrate", a -> {
            bandwidth.add(host.oldVm.parameters.get("max-bandwidth").toString());
            return migrate.to(a);
        });
        List<String> loading = new ArrayList<>();
        host.loaded = () -> {
            loading.add(host.newVm.orElseThrow().mode);
            host.newRuns();
        };
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(states).isEqualTo(ALL_STATES);
        UpdateResult.Handover handover = result.handover().orElseThrow();
        assertThat(handover.qmp()).isEqualTo(folder.resolve("vm.qmp"));
        assertThat(handover.moves()).isEmpty();
        assertThat(handover.pause().orElseThrow().source()).isEqualTo(Pause.Source.EVENTS);
        assertThat(bandwidth).containsExactly("0");
        assertThat(host.oldProcess.isAlive()).isFalse();
        assertThat(host.starts).containsExactly(result.command());
        assertThat(result.command()).endsWith("-incoming", "defer");
        FakeVm next = host.newVm.orElseThrow();
        assertThat(loading).containsExactly("cpr-reboot");
        assertThat(next.mode).isEqualTo("normal");
        assertThat(next.capabilities).containsEntry("x-ignore-shared", false);
        assertThat(next.parameters.get("max-bandwidth")).hasToString("134217728");
        Evidence first = evidence.get(1); // the one before it is from before the checks
        assertThat(first.oldParameters()).containsEntry("max-bandwidth", 134217728L);
        assertThat(first.oldCommand()).endsWith("-incoming", "defer");
        assertThat(first.next()).isEmpty();
        assertThat(evidence.getLast().next()).isPresent();
        assertThat(first.stateFile().orElseThrow()).startsWithRaw(folder.resolve("saved"));
        assertNothingIsLeft();
    }

    @Test
    void memoryThatIsAFileStaysThereOnBothSides() throws IOException {
        Path memory = Files.writeString(folder.resolve("memory"), "memory");
        hasMemory("memory-backend-file", memory);
        boolean[] ignored = {false};
        FakeVm.Answer migrate = host.oldVm.answers.get("migrate");
        host.oldVm.answers.put("migrate", a -> {
            ignored[0] = host.oldVm.capabilities.get("x-ignore-shared");
            return migrate.to(a);
        });
        boolean[] loads = {false};
        host.loaded = () -> {
            loads[0] = host.newVm.orElseThrow().capabilities.get("x-ignore-shared");
            host.newRuns();
        };
        assertThat(update().status()).isEqualTo(ExitStatus.OK);
        assertThat(ignored).containsExactly(true);
        assertThat(loads).containsExactly(true);
        assertThat(host.newVm.orElseThrow().capabilities).containsEntry("x-ignore-shared", false);
    }

    @Test
    void allMemoryIsCopiedIfSomeOfItIsSharedAndInNoFile() throws IOException {
        Path memory = Files.writeString(folder.resolve("memory"), "memory");
        host.arguments.addAll(List.of("-object", "memory-backend-memfd,id=ram1,size=1M"));
        host.oldVm.answers.put(
                "query-memdev",
                a -> List.of(
                        Map.of("id", "ram0", "size", 1 << 20, "share", true),
                        Map.of("id", "ram1", "size", 1 << 20, "share", true)));
        FakeVm.Answer get = host.oldVm.answers.get("qom-get");
        host.oldVm.answers.put("qom-get", a -> switch (a.path("property").asText()) {
            case "type" -> a.path("path").asText().endsWith("ram0") ? "memory-backend-file" : "memory-backend-memfd";
            case "mem-path" -> memory.toString();
            default -> get.to(a);
        });
        UpdateResult result = update();
        assertThat(result.status()).as(result.findings().toString()).isEqualTo(ExitStatus.OK);
        assertThat(evidence.get(1).oldCapabilities()).doesNotContainKey("x-ignore-shared");
        assertThat(host.newVm.orElseThrow().capabilities).containsEntry("x-ignore-shared", false);
    }

    private void hasMemory(String type, Path path) {
        FakeVm.Answer get = host.oldVm.answers.get("qom-get");
        host.oldVm.answers.put("qom-get", a -> switch (a.path("property").asText()) {
            case "type" -> type;
            case "mem-path" -> path.toString();
            default -> get.to(a);
        });
    }

    @Test
    void aFolderThatCannotBeWrittenToIsFoundBefore() throws IOException {
        Files.writeString(folder.resolve("saved"), "a file");
        UpdateResult result = update();
        assertThat(result.status()).isIn(ExitStatus.REFUSED, ExitStatus.ABORTED);
        assertThat(host.oldVm.commands).doesNotContain("migrate");
        assertThat(host.oldVm.mode).isEqualTo("normal");
        Files.delete(folder.resolve("saved"));
    }

    @Test
    void aStateThatHasNoRoomIsRefused() {
        host.oldVm.answers.put(
                "query-memdev", a -> List.of(Map.of("id", "ram0", "size", Long.MAX_VALUE / 4, "share", true)));
        assertThat(update().status()).isEqualTo(ExitStatus.REFUSED);
        assertThat(findings).extracting(Finding::code).contains(Finding.Code.NO_ROOM_FOR_STATE);
    }

    @Test
    void somebodyAsksToStopWhenItIsSaved() throws IOException {
        at = (state, update) -> {
            if (state == UpdateState.SAVED) {
                cancellation.request();
            }
        };
        assertAborted(update(), "was asked to stop");
        assertThat(host.oldVm.commands).contains("cont").doesNotContain("quit");
    }

    @ParameterizedTest
    @ValueSource(strings = {"paused", "suspended"})
    void aGuestThatCouldNotBeLetGoOnAsItWasIsNotLeftHalfWay(String runState) throws IOException {
        restart(runState);
        at = (state, update) -> {
            if (state == UpdateState.SAVED) {
                cancellation.request();
            }
        };
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(host.newVm.orElseThrow().runState).isEqualTo(runState);
        assertThat(host.oldVm.commands).doesNotContain("cont");
    }

    @Test
    void anOldProcessThatCannotBeEndedGoesOn() throws IOException {
        host.oldVm.onQuit = () -> {};
        host.oldVm.answers.put("quit", a -> Map.of());
        host.oldProcess.stubborn = true;
        host.oldProcess.immortal = true;
        assertAborted(update(), "could not be ended");
        assertThat(host.starts).isEmpty();
    }

    @Test
    void aProcessThatDiesWhileItSavesTakesTheGuestWithIt() throws IOException {
        host.saved = host.oldProcess::kill;
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message()).contains("the guest is lost").contains("ended before it was saved");
        assertThat(host.starts).isEmpty();
    }

    @Test
    void aNewProgramThatEndsIsFollowedByThePreviousOne() throws IOException {
        host.deadStarts = 1;
        host.prints = "no such machine";
        assertRolledBack(update(), "the new process ended (exit status 1)");
    }

    @Test
    void aNewProgramThatRefusesTheStateIsFollowedByThePreviousOne() throws IOException {
        host.loaded = () -> {
            host.loaded = host::newRuns;
            host.newVm.orElseThrow().error = "Unknown section";
            host.newVm.orElseThrow().migration("failed");
        };
        assertRolledBack(update(), "the new process refused the state: Unknown section");
    }

    @Test
    void aNewProgramThatHangsIsFollowedByThePreviousOne() throws IOException {
        host.loaded = () -> host.loaded = host::newRuns;
        timeout = Duration.ofSeconds(1);
        assertRolledBack(update(), "the new process did not take the guest within 1 s");
    }

    private void assertRolledBack(UpdateResult result, String message) throws IOException {
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.ROLLED_BACK);
        assertThat(result.message()).contains(message).contains("running in the previous program again");
        assertThat(states).endsWith("saved", "rolled-back");
        assertThat(host.starts).hasSize(2);
        assertThat(host.starts.getLast()).isEqualTo(evidence.getLast().oldCommand());
        assertThat(host.newVm.orElseThrow().runState).isEqualTo("running");
        assertThat(host.newProcess.isAlive()).isTrue();
        assertThat(result.program()).isEmpty();
        assertThat(result.output()).isEqualTo(host.prints);
        assertNothingIsLeft();
    }

    @Test
    void aStateThatNoProgramTakesIsKept() throws IOException {
        host.diesAtOnce = true;
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.SAVED);
        assertThat(states).endsWith("saved");
        assertThat(host.starts).hasSize(2);
        assertThat(host.stateFile).hasContent("state");
        assertThat(result.message())
                .contains("the guest is stopped, and its state is in " + host.stateFile)
                .contains(
                        "start one with " + String.join(" ", evidence.getLast().oldCommand()))
                .contains("migrate-incoming");
        assertThat(folder.resolve("vm.qmp.log")).doesNotExist();
    }

    @Test
    void aGuestThatRanInTheNewProgramIsNotStartedAgainFromItsOlderState() throws IOException {
        host.loaded = () -> {
            host.newVm.orElseThrow().event("RESUME", Map.of());
            host.newProcess.kill();
        };
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message()).contains("the guest had begun to run").contains("is older than its disks");
        assertThat(host.starts).hasSize(1);
        assertThat(host.stateFile).exists();
    }

    @Test
    void aSwitchThatIsThroughWhenTheTimeIsUpGoesForward() throws IOException {
        host.loaded = () -> {
            host.newVm.orElseThrow().event("RESUME", Map.of());
            host.newVm.orElseThrow().runState = "running"; // but it never says that it has loaded everything
        };
        timeout = Duration.ofSeconds(1);
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(host.starts).hasSize(1);
    }
}
