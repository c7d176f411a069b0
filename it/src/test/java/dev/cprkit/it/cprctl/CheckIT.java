package dev.cprkit.it.cprctl;

import static dev.cprkit.proto.qapi.MigMode.CPR_EXEC;
import static dev.cprkit.proto.qapi.MigMode.CPR_REBOOT;
import static dev.cprkit.proto.qapi.MigMode.CPR_TRANSFER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cprkit.agent.check.CheckReport;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.UpdatePreview;
import dev.cprkit.agent.check.Weight;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.update.PauseHistory;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of a VM that was started as it should be, on each program, the checks say nothing that is not so. */
@Timeout(120)
class CheckIT {
    @TempDir
    private Path folder;

    private Path program(String name) throws Exception {
        Optional<Path> found =
                switch (name) {
                    case "vmm" -> Optional.of(VmmUnderTest.launcher(folder));
                    case "qemu" -> QemuUnderTest.find();
                    default -> QemuUnderTest.newest();
                };
        assumeTrue(found.isPresent(), QemuUnderTest.reason());
        return found.get();
    }

    private static List<Finding.Code> codes(CheckReport report, MigMode mode, Weight weight) {
        return report.mode(mode).orElseThrow().findings(weight).stream()
                .map(Finding::code)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"vmm", "qemu", "newest"})
    void nothingStandsAgainstAVmThatWasStartedAsItShouldBe(String name) throws Exception {
        Path program = program(name);
        try (RunningVm vm = RunningVm.start(program, folder)) {
            long before = vm.counter();
            CheckReport report = CheckReport.of(vm.qmp(), Optional.of(program), new LinuxHost(), RunningVm.LIMIT);
            assertThat(codes(report, CPR_TRANSFER, Weight.REFUSES)).isEmpty();
            boolean timerIsKept = report.facts().vm().version().isAtLeast(10, 2);
            List<Finding.Code> timer = timerIsKept ? List.of() : List.of(Finding.Code.TIMER_LOST);
            assertThat(codes(report, CPR_TRANSFER, Weight.TELLS)).isEqualTo(timer);
            assertThat(codes(report, CPR_TRANSFER, Weight.HANDLED)).contains(Finding.Code.SOCKET_PATH);
            assertThat(codes(report, CPR_REBOOT, Weight.REFUSES)).isEmpty();
            assertThat(codes(report, CPR_REBOOT, Weight.TELLS))
                    .contains(Finding.Code.MEMORY_COPIED)
                    .hasSize(1 + timer.size());
            assertThat(codes(report, CPR_EXEC, Weight.TELLS))
                    .contains(Finding.Code.NO_WAY_BACK)
                    .hasSize(1 + timer.size());
            boolean execIsKnown = report.facts().vm().version().isAtLeast(10, 2);
            if (execIsKnown) {
                assertThat(codes(report, CPR_EXEC, Weight.REFUSES)).isEmpty();
            } else {
                assertThat(codes(report, CPR_EXEC, Weight.REFUSES)).containsOnly(Finding.Code.MODE_UNSUPPORTED);
            }
            assertThat(report.auto()).contains(CPR_TRANSFER);
            assertThat(report.facts().next().machines()).contains("virt");
            assertThat(report.facts().next().release().orElseThrow().kind())
                    .isEqualTo(name.equals("vmm") ? "vmm" : "QEMU");

            UpdatePreview preview = UpdatePreview.of(
                    vm.qmp(),
                    Optional.empty(),
                    List.of(CPR_TRANSFER),
                    new LinuxHost(),
                    PauseHistory.NONE,
                    RunningVm.LIMIT);
            assertThat(preview.isPossible()).isTrue();
            assertThat(preview.newCommand())
                    .contains("unix:" + folder.resolve("vm.g1.qmp") + ",server=on,wait=off")
                    .contains("unix:" + folder.resolve("vm.g1.serial") + ",server=on,wait=off");
            vm.await("a guest that counts on", () -> vm.counter() > before);
            assertThat(vm.runState()).isEqualTo("running");
        }
    }
}
