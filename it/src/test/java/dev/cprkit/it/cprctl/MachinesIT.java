package dev.cprkit.it.cprctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.update.UpdateState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest of a real QEMU, for either processor, with a disk and a network card, goes through every mode in every way. */
@Timeout(120)
class MachinesIT {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(
            value = Peer.class,
            names = {"QEMU_RISCV64", "QEMU_X86", "NEWEST_RISCV64", "NEWEST_X86"})
    void oneGuestGoesThroughEveryMode(Peer peer) throws Exception {
        Optional<Path> program = peer.find(folder);
        assumeTrue(program.isPresent(), peer.reason());
        List<ModeChoice> modes = peer.modes();
        try (OperatedVm vm = OperatedVm.start(peer, program.get(), folder)) {
            for (ModeChoice mode : modes) {
                vm.assertMoved(vm.update(mode, program.get()));
                assertDevices(vm.vm());
            }
            vm.vm().ask("stop");
            long stopped = vm.vm().count();
            for (ModeChoice mode : modes) {
                vm.assertMoved(vm.update(mode, program.get()));
                assertThat(vm.vm().runState()).isEqualTo("paused");
            }
            assertThat(vm.vm().count()).isEqualTo(stopped);
            vm.vm().ask("cont");
            for (ModeChoice mode : modes) {
                vm.at(
                        UpdateState.RUNNING_NEW,
                        moment -> vm.operations().cancel(moment.operation().id()));
                vm.assertWholeInPrevious(vm.run(new OperationSpec(
                        OperationKind.UPDATE,
                        OperatedVm.name(),
                        Optional.of(program.get()),
                        mode,
                        Optional.empty(),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(30))));
                assertDevices(vm.vm());
            }
        }
    }

    private void assertDevices(TalkingVm vm) throws Exception {
        assertThat(vm.ask("query-block").path(0).path("inserted").path("file").asText())
                .isEqualTo(folder.resolve("disk.img").toString());
        assertThat(vm.ask("query-rx-filter")).hasSize(1);
    }
}
