package dev.cprkit.agent.update;

import static dev.cprkit.proto.qapi.MigMode.CPR_EXEC;
import static dev.cprkit.proto.qapi.MigMode.CPR_REBOOT;
import static dev.cprkit.proto.qapi.MigMode.CPR_TRANSFER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.check.CheckReport;
import dev.cprkit.agent.check.CommandChange;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.UpdatePreview;
import dev.cprkit.agent.check.Weight;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reports and previews of a VM as the engine's tests have it; in this package, because that VM is. */
@Timeout(60)
class CheckReportTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private FakeHost host;
    private Path qmp;

    @BeforeEach
    void start() throws Exception {
        host = new FakeHost(folder, "running");
        host.uid = 1000;
        qmp = folder.resolve("vm.qmp");
    }

    @AfterEach
    void stop() {
        host.close();
    }

    private CheckReport report() throws IOException {
        return CheckReport.of(qmp, Optional.empty(), host, LIMIT);
    }

    private UpdatePreview preview(List<MigMode> modes, PauseHistory history) throws IOException {
        return UpdatePreview.of(qmp, Optional.empty(), modes, host, history, LIMIT);
    }

    private static List<String> codes(CheckReport report, MigMode mode) {
        return report.mode(mode).orElseThrow().findings().stream()
                .map(finding -> finding.code().codeName())
                .toList();
    }

    @Test
    void aVmThatCanGoInAnyMode() throws Exception {
        CheckReport report = report();
        assertThat(report.modes())
                .extracting(CheckReport.ModeReport::mode)
                .containsExactly(CPR_TRANSFER, CPR_EXEC, CPR_REBOOT);
        assertThat(report.modes()).noneMatch(CheckReport.ModeReport::refused);
        assertThat(report.auto()).contains(CPR_TRANSFER);
        assertThat(report.mode(MigMode.NORMAL)).isEmpty();
        assertThat(report.generation()).isZero();
        assertThat(report.mode(CPR_TRANSFER).orElseThrow().findings(Weight.HANDLED))
                .extracting(Finding::code)
                .contains(Finding.Code.SOCKET_PATH);
        assertThat(host.oldVm.mode).isEqualTo("normal");
        assertThat(host.oldVm.commands).doesNotContain("migrate", "migrate-set-capabilities", "stop", "cont", "quit");
    }

    @Test
    void theNextModeIsTakenWhereOneIsRefused() throws Exception {
        host.oldVm.answers.put("query-memdev", a -> List.of(Map.of("id", "ram0", "size", 1 << 20, "share", false)));
        CheckReport report = report();
        assertThat(codes(report, CPR_TRANSFER)).contains("memory-not-shared");
        assertThat(codes(report, CPR_EXEC)).contains("memory-not-shared");
        assertThat(codes(report, CPR_REBOOT)).doesNotContain("memory-not-shared");
        assertThat(report.auto()).contains(CPR_REBOOT);
        UpdatePreview preview = preview(List.of(CPR_TRANSFER, CPR_EXEC, CPR_REBOOT), PauseHistory.NONE);
        assertThat(preview.mode()).isEqualTo(CPR_REBOOT);
        assertThat(preview.isPossible()).isTrue();
        assertThat(preview(List.of(CPR_EXEC), PauseHistory.NONE).isPossible()).isFalse();
    }

    /** Root, say, looks at a user's VM: what the user has put in the place of its program must not run as root. */
    @Test
    void theProgramOfAnotherUsersVmIsOnlyRunIfThatUserCannotChangeIt() throws Exception {
        Path ran = folder.resolve("ran");
        Path open = Files.createDirectory(folder.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        host.executable = Files.writeString(open.resolve("program"), "#!/bin/sh\necho >'" + ran + "'\n");
        Files.setPosixFilePermissions(host.executable, PosixFilePermissions.fromString("rwxr-xr-x"));
        host.uid = 1001;
        CheckReport report = report();
        assertThat(ran).doesNotExist();
        assertThat(codes(report, CPR_EXEC)).contains("program-untrusted");
        assertThat(report.mode(CPR_EXEC).orElseThrow().findings())
                .filteredOn(finding -> finding.code() == Finding.Code.PROGRAM_UNTRUSTED)
                .extracting(Finding::problem)
                .containsExactly("it is not run to ask what it can do, because the VM is another user's, and "
                        + host.executable + " may be changed by others: its folder " + open
                        + " may be written to by all");
        host.uid = 1000;
        assertThat(codes(report(), CPR_EXEC)).doesNotContain("program-untrusted");
        assertThat(ran).exists();
    }

    @Test
    void aVmThatIsBeingUpdatedIsNotTouched() throws Exception {
        host.claimed = true;
        CheckReport report = report();
        for (MigMode mode : List.of(CPR_TRANSFER, CPR_EXEC, CPR_REBOOT)) {
            assertThat(codes(report, mode)).contains("update-running");
        }
        assertThat(report.auto()).isEmpty();
        assertThat(host.oldVm.commands).doesNotContain("migrate-set-parameters");
    }

    @Test
    void aVmThatMigratesIsNotTouched() throws Exception {
        host.oldVm.migration = "active";
        assertThat(codes(report(), CPR_TRANSFER)).contains("migration-running");
        assertThat(host.oldVm.commands).doesNotContain("migrate-set-parameters");
    }

    @Test
    void nobodyThere() {
        host.close();
        assertThatThrownBy(this::report).isInstanceOf(IOException.class).hasMessageContaining(qmp.toString());
    }

    @Test
    void whatIsInTheNewProcesssPlaces() throws Exception {
        Files.writeString(folder.resolve("vm.g1.qmp"), "precious");
        host.leftovers = List.of(4711L);
        CheckReport report = report();
        assertThat(codes(report, CPR_TRANSFER)).contains("path-taken", "leftover-process");
        assertThat(codes(report, CPR_EXEC)).doesNotContain("path-taken", "leftover-process"); // nothing moves
    }

    @Test
    void aPathThatWouldBeTooLong() throws Exception {
        host.arguments.addAll(List.of("-serial", "unix:/tmp/" + "x".repeat(100) + ",server=on"));
        assertThat(codes(report(), CPR_TRANSFER)).contains("path-too-long");
        assertThat(codes(report(), CPR_REBOOT)).doesNotContain("path-too-long");
    }

    @Test
    void aMonitorThatTheNewProcessWouldNotHave() throws Exception {
        host.arguments.removeLast();
        host.arguments.removeLast();
        for (MigMode mode : List.of(CPR_TRANSFER, CPR_EXEC, CPR_REBOOT)) {
            assertThat(codes(report(), mode)).contains("qmp-not-on-command-line");
        }
    }

    @Test
    void whatAnUpdateWouldDo() throws Exception {
        host.arguments.add("-S");
        PauseHistory history = mode -> List.of(Duration.ofMillis(3), Duration.ofMillis(9), Duration.ofMillis(5));
        UpdatePreview preview = preview(List.of(CPR_TRANSFER), history);
        assertThat(preview.oldCommand()).startsWith("/bin/true", "-M").endsWith("-S");
        assertThat(preview.newCommand())
                .startsWith("/bin/true", "-M")
                .contains("unix:" + folder.resolve("vm.g1.qmp") + ",server=on,wait=off")
                .endsWith(
                        "-incoming",
                        "defer",
                        "-incoming",
                        "cpr,addr.transport=socket,addr.type=unix,addr.path=/tmp/cprkit-UPDATE/cpr.sock");
        assertThat(preview.changes())
                .filteredOn(CommandChange::changes)
                .extracting(change -> String.join(" ", change.old()) + " > " + String.join(" ", change.next()))
                .containsExactly(
                        "-qmp unix:" + qmp + ",server=on,wait=off > -qmp unix:" + folder.resolve("vm.g1.qmp")
                                + ",server=on,wait=off",
                        "-S > ",
                        " > -incoming defer",
                        " > -incoming cpr,addr.transport=socket,addr.type=unix,addr.path=/tmp/cprkit-UPDATE/cpr.sock");
        assertThat(preview.generation()).isEqualTo(1);
        assertThat(preview.moves())
                .extracting(PathMove::to)
                .containsExactly(folder.resolve("vm.g1.qmp").toString());
        assertThat(preview.predictedPause()).contains(Duration.ofMillis(5));
        assertThat(preview.steps())
                .extracting(UpdatePreview.Step::state)
                .containsExactly(
                        UpdateState.CHECKED,
                        UpdateState.STAGED,
                        UpdateState.ARMED,
                        UpdateState.PAUSED,
                        UpdateState.SAVED,
                        UpdateState.TAKEN,
                        UpdateState.RUNNING_NEW,
                        UpdateState.COMMITTED);
        assertThat(host.started).isEmpty();
    }

    @Test
    void inTheOtherModesNoPathMoves() throws Exception {
        for (MigMode mode : List.of(CPR_EXEC, CPR_REBOOT)) {
            UpdatePreview preview = preview(List.of(mode), PauseHistory.NONE);
            assertThat(preview.moves()).isEmpty();
            assertThat(preview.newCommand())
                    .contains("unix:" + qmp + ",server=on,wait=off")
                    .contains("-incoming");
            assertThat(preview.predictedPause()).isEmpty();
        }
    }
}
