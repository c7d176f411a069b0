package dev.cprkit.agent.journal;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.hotplug.PlugCommand;
import dev.cprkit.agent.monitor.MigrationSettings;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.operation.Operation.Program;
import dev.cprkit.agent.operation.Operation.Step;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.update.Evidence;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Things for a test to write into a journal. */
final class Entries {
    static final Caller CALLER = new Caller("ada", "cprctl");
    static final Instant NOON = Instant.parse("2026-02-03T12:00:00.123456789Z");

    static final OperationSpec FULL_SPEC = new OperationSpec(
            OperationKind.UPDATE,
            vm("web"),
            Optional.of(Path.of("/opt/v 2/\"vmm\"")),
            ModeChoice.EXEC,
            Optional.of(Duration.ofMillis(250)),
            Duration.ofSeconds(5),
            Duration.ofMillis(1500));

    private Entries() {}

    static VmName vm(String name) {
        return VmName.of(name).orElseThrow();
    }

    static OperationSpec spec(String vm) {
        return OperationSpec.of(OperationKind.UPDATE, vm(vm));
    }

    static Step step(UpdateState state) {
        return new Step(state, NOON, Duration.ofNanos(7), "at " + state);
    }

    static Finding finding() {
        return new Finding(Finding.Code.BLOCKED, "the VM", "it refuses: no", "ask it why");
    }

    static Outcome outcome(ExitStatus status, Instant at) {
        return new Outcome(
                status, "done", at, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), "");
    }

    static Outcome updated(Duration pause) {
        return new Outcome(
                ExitStatus.OK,
                "the guest is running in process 9",
                Instant.now(),
                Optional.of(MigMode.CPR_TRANSFER),
                Optional.of(pause),
                Optional.of(new Program(Path.of("/opt/b"), "ab12", "0.2.0")),
                Optional.of(new Program(Path.of("/opt/a"), "", "0.1.0")),
                "last\nwords");
    }

    static Evidence evidence(Optional<ProcessRef> next) {
        return new Evidence(
                MigMode.CPR_EXEC,
                new ProcessRef(12, 345),
                Path.of("/run/vm.qmp"),
                "running",
                "normal",
                Map.of("events", false, "return-path", true),
                Map.of("max-bandwidth", 134217728L),
                List.of("/opt/a", "-incoming", "defer"),
                Map.of("HOME", "/root", "EMPTY", ""),
                List.of("/opt/b", "-M", "virt", ""),
                Path.of("/run"),
                Path.of("/tmp/cprkit-1"),
                next,
                Optional.of(Path.of("/run/vm.g1.qmp")),
                List.of(new PathMove("qmp", PathMove.Kind.SOCKET, "vm.qmp", "vm.g1.qmp", "vm.qmp")),
                Path.of("/run/vm.g1.qmp.log"),
                Optional.of(Path.of("/tmp/cprkit-1/state")),
                true,
                List.of(new PlugCommand(
                        "device net1",
                        "device_add",
                        JsonNodeFactory.instance.objectNode().put("driver", "virtio-net-device"))),
                new MigrationSettings(
                        Map.of("events", false),
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("max-bandwidth", 77)
                                .put("mode", "normal")));
    }
}
