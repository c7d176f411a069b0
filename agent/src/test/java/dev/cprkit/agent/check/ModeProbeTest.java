package dev.cprkit.agent.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The mode of the VM is as before, whatever happens while it is asked. */
@Timeout(60)
class ModeProbeTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private ModalVm vm;

    @BeforeEach
    void start() throws Exception {
        vm = new ModalVm(folder.resolve("qmp"));
    }

    @AfterEach
    void stop() {
        vm.close();
    }

    private VmMonitor open() throws QmpException {
        VmMonitor monitor = VmMonitor.open(vm.path, LIMIT, () -> {});
        monitor.negotiate();
        return monitor;
    }

    private ModeProbe probe(VmMonitor monitor) {
        return new ModeProbe(monitor, this::open);
    }

    @Test
    void eachModeIsAskedAndTheOneBeforeIsBack() throws Exception {
        vm.mode = "cpr-reboot";
        try (VmMonitor monitor = open()) {
            var answers = probe(monitor).answers("cpr-reboot");
            assertThat(answers).containsOnlyKeys(ModeProbe.MODES);
            for (MigMode mode : ModeProbe.MODES) {
                assertThat(answers.get(mode).refusal()).isEmpty();
                assertThat(answers.get(mode).blockedReasons()).containsExactly("blocked in " + mode.qapiName());
            }
        }
        assertThat(vm.modes).containsExactly("cpr-transfer", "cpr-exec", "cpr-reboot", "cpr-reboot");
    }

    @Test
    void aModeThatItDoesNotKnow() throws Exception {
        vm.unknown = List.of("cpr-exec");
        try (VmMonitor monitor = open()) {
            var answers = probe(monitor).answers("normal");
            assertThat(answers.get(MigMode.CPR_EXEC).refusal()).contains("no mode cpr-exec");
            assertThat(answers.get(MigMode.CPR_REBOOT).refusal()).isEmpty();
        }
        assertThat(vm.mode).isEqualTo("normal");
    }

    @Test
    void oneThatTellsAllAtOnceIsNotTouched() throws Exception {
        vm.tellsAll = true;
        try (VmMonitor monitor = open()) {
            var answers = probe(monitor).answers("normal");
            assertThat(answers.get(MigMode.CPR_EXEC).blockedReasons()).containsExactly("private");
            assertThat(answers.get(MigMode.CPR_TRANSFER).refusal()).contains("it is not among its modes");
        }
        assertThat(vm.modes).isEmpty();
    }

    @Test
    void aQuestionThatFails() throws Exception {
        vm.failsAt = "query-migrate";
        try (VmMonitor monitor = open()) {
            assertThatThrownBy(() -> probe(monitor).answers("normal")).isInstanceOf(QmpException.ErrorReply.class);
        }
        assertThat(vm.mode).isEqualTo("normal");
    }

    @Test
    void aLostConnection() throws Exception {
        vm.hangsUpAt = "query-migrate";
        try (VmMonitor monitor = open()) {
            assertThatThrownBy(() -> probe(monitor).answers("normal")).isInstanceOf(QmpException.class);
        }
        assertThat(vm.modes).containsExactly("cpr-transfer", "normal");
        assertThat(vm.connections.get()).isEqualTo(2);
    }
}
