package dev.cprkit.agent.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.host.FileDigest;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What comes after the switch, and what comes before: probation, choice of the mode, and the pause's budget. */
class ProbationTest extends EngineTest {
    @BeforeEach
    void probation() {
        modes = List.of(MigMode.CPR_TRANSFER);
        probation = Duration.ofSeconds(30);
    }

    private void onProbation(Consumer<LiveUpdate> action) {
        at = (state, update) -> {
            if (state == UpdateState.RUNNING_NEW && states.indexOf("running-new") == states.size() - 1) {
                action.accept(update);
            }
        };
    }

    @Test
    void itEndsByItselfWithTheUpdateInPlace() {
        probation = Duration.ofMillis(700);
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(result.took()).isGreaterThan(Duration.ofMillis(700));
        assertThat(states).isEqualTo(ALL_STATES);
        assertThat(host.newVm.orElseThrow().commands).containsSubsequence("query-status", "query-status");
    }

    @Test
    void theOldProcessIsGoneDuringIt() {
        onProbation(update -> update.probation().commit());
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.OK);
        assertThat(result.took()).isLessThan(Duration.ofSeconds(20));
        assertThat(host.oldProcess.isAlive()).isFalse();
        assertThat(states).isEqualTo(ALL_STATES);
    }

    @ParameterizedTest
    @EnumSource(
            value = MigMode.class,
            names = {"CPR_TRANSFER", "CPR_EXEC", "CPR_REBOOT"})
    void whoeverAsksGetsTheGuestBackInThePreviousProgram(MigMode mode) throws IOException {
        modes = List.of(mode);
        onProbation(update -> update.probation().rollBack());
        assertRolledBack(update(), "the update was asked to be taken back");
        assertNothingIsLeft();
    }

    @Test
    void aGuestThatPanicsIsTakenBack() {
        onProbation(update -> host.newVm.orElseThrow().event("GUEST_PANICKED", Map.of("action", "none")));
        assertRolledBack(update(), "the guest panicked in its probation");
    }

    @Test
    void aGuestWhoseDisksFailIsTakenBackAndGoesOn() {
        onProbation(update -> {
            host.expectedState = "io-error";
            host.newVm.orElseThrow().runState = "io-error";
        });
        UpdateResult result = update();
        assertRolledBack(result, "the guest's run state became io-error in its probation");
        assertThat(host.newVm.orElseThrow().commands).contains("cont");
        assertThat(host.newVm.orElseThrow().runState).isEqualTo("running");
    }

    private void assertRolledBack(UpdateResult result, String why) {
        assertThat(result.status()).as(result.message() + findings).isEqualTo(ExitStatus.ROLLED_BACK);
        assertThat(result.message()).startsWith(why).contains("back in the previous program");
        assertThat(states).filteredOn("running-new"::equals).hasSize(2);
        assertThat(states).containsSubsequence("running-new", "planned", "checked", "taken", "running-new");
        assertThat(states).endsWith("rolled-back");
        assertThat(result.state()).contains(UpdateState.ROLLED_BACK);
        assertThat(times).isSorted();
    }

    @Test
    void anOperatorMayPauseTheGuest() {
        probation = Duration.ofMillis(700);
        onProbation(update -> host.newVm.orElseThrow().runState = "paused");
        assertThat(update().status()).isEqualTo(ExitStatus.OK);
    }

    @Test
    void aGuestThatShutsDownIsNotIll() {
        onProbation(update -> {
            host.newVm.orElseThrow().event("SHUTDOWN", Map.of("guest", true));
            host.newProcess.kill();
        });
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(result.message()).startsWith("the guest was running").endsWith("the VM was switched off since");
    }

    @Test
    void aProgramThatEndsCannotBeTakenBack() {
        host.prints = "assertion failed";
        onProbation(update -> host.newVm.orElseThrow().answers.put("query-status", arguments -> {
            host.newProcess.kill();
            return null;
        }));
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message()).contains("in its probation process").contains("ended, so that the guest");
        assertThat(result.output()).isEqualTo("assertion failed");
        assertThat(states).endsWith("running-new");
    }

    @Test
    void aProgramThatEndsWhileTheOldOneIsThereLeavesTheGuestStoppedInThat() {
        host.prints = "assertion failed";
        onProbation(update -> host.newProcess.kill());
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message())
                .contains("had the guest, and has ended; the guest is stopped in the old process")
                .contains("never let it go on unless you know that it has not run in the new one");
        assertThat(result.output()).isEqualTo("assertion failed");
        assertThat(states).endsWith("running-new");
        assertThat(host.oldProcess.signals).isEmpty();
        assertThat(host.oldVm.commands).doesNotContain("quit", "cont");
    }

    @Test
    void aWayBackThatFailsLeavesTheGuestInTheNewProgram() {
        onProbation(update -> {
            host.diesAtOnce = true;
            update.probation().rollBack();
        });
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message())
                .contains("taking it back failed")
                .contains("the guest is running in process")
                .contains("as before");
        assertThat(states).endsWith("aborted");
        assertThat(host.newVm.orElseThrow().runState).isEqualTo("running");
    }

    @Test
    void theGuestDoesNotGoBackIntoAProgramThatWasReplaced() throws IOException {
        Path program = Files.writeString(folder.resolve("program"), "#!/bin/true\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        host.executable = program;
        onProbation(update -> {
            write(program, "another");
            update.probation().rollBack();
        });
        UpdateResult result = update();
        assertThat(result.status()).as(result.message() + findings).isEqualTo(ExitStatus.ATTENTION);
        assertThat(result.message())
                .startsWith("the update was asked to be taken back, but the previous program is not at " + program
                        + " any more; the guest is in process");
        assertThat(host.starts).hasSize(1);
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void withAutoTheFirstModeThatNothingIsAgainstIsTaken() {
        probation = Duration.ZERO;
        modes = List.of(MigMode.CPR_TRANSFER, MigMode.CPR_EXEC, MigMode.CPR_REBOOT);
        host.oldVm.answers.put("query-memdev", a -> List.of(Map.of("id", "ram0", "size", 1 << 20, "share", false)));
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(result.mode()).contains(MigMode.CPR_REBOOT);
        assertThat(findings)
                .filteredOn(f -> f.code() == Finding.Code.MEMORY_NOT_SHARED)
                .extracting(Finding::subject)
                .anyMatch(subject -> subject.startsWith("mode cpr-transfer: "))
                .anyMatch(subject -> subject.startsWith("mode cpr-exec: "))
                .noneMatch(subject -> subject.startsWith("mode cpr-reboot: "));
        assertThat(result.findings()).isEqualTo(findings);
        assertThat(evidence)
                .extracting(Evidence::mode)
                .startsWith(MigMode.CPR_TRANSFER)
                .endsWith(MigMode.CPR_REBOOT);
    }

    @Test
    void withAutoAndNoModePossibleAllReasonsAreTold() {
        modes = List.of(MigMode.CPR_TRANSFER, MigMode.CPR_REBOOT);
        host.arguments.add("-snapshot");
        UpdateResult result = update();
        assertThat(result.status()).isEqualTo(ExitStatus.REFUSED);
        assertThat(result.message())
                .startsWith("no mode is possible: cpr-transfer (")
                .contains("; cpr-reboot (")
                .contains("temporary-disk");
        assertThat(host.oldVm.mode).isEqualTo("normal");
        assertThat(host.oldVm.capabilities).doesNotContainValue(true);
    }

    @Test
    void aModeWhosePauseWasOverBudgetBeforeIsPassedOver() {
        probation = Duration.ZERO;
        modes = List.of(MigMode.CPR_TRANSFER, MigMode.CPR_EXEC);
        budget = Optional.of(Duration.ofSeconds(10));
        history = mode -> mode == MigMode.CPR_TRANSFER
                ? List.of(Duration.ofSeconds(30), Duration.ofMillis(1), Duration.ofSeconds(20))
                : List.of();
        UpdateResult result = update();
        assertThat(result.status()).as(result.message()).isEqualTo(ExitStatus.OK);
        assertThat(result.mode()).contains(MigMode.CPR_EXEC);
        assertThat(findings)
                .anySatisfy(finding -> assertThat(finding.sentence())
                        .startsWith("mode cpr-transfer: the guest's pause: ")
                        .contains("20000 ms, over the budget of 10000 ms"));
        assertThat(result.message()).doesNotContain("budget");
    }

    @Test
    void aPauseThatTurnsOutToBeOverBudgetIsTold() {
        probation = Duration.ZERO;
        budget = Optional.of(Duration.ofNanos(1));
        assertThat(update().message()).contains("it stood still for").contains("over the budget of 0 ms");
    }

    @Test
    void bothProgramsAreInTheResult() throws IOException {
        probation = Duration.ZERO;
        UpdateResult result = update();
        assertThat(result.previous().orElseThrow().path()).hasToString("/bin/true");
        assertThat(result.previous().orElseThrow().version()).isEqualTo("11.1.0 (fake)");
        assertThat(result.program().orElseThrow().version()).isEqualTo("11.1.0 (fake)");
        assertThat(result.program().orElseThrow().sha256())
                .isEqualTo(FileDigest.ifKnown(Files.createSymbolicLink(
                        folder.resolve("link"), result.program().orElseThrow().path())))
                .hasSize(64);
    }
}
