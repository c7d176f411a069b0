package dev.cprkit.it.cprctl;

import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.update.UpdateState;
import java.util.EnumSet;
import java.util.List;

/** With QEMU 10.0, which knows no inherited listener: every step of a cpr-transfer at which there are two processes. */
class QemuKilledRunnerIT extends KilledRunnerCases {
    QemuKilledRunnerIT() {
        super(Peer.QEMU_X86);
    }

    @Override
    List<UpdateState> steps(ModeChoice mode) {
        return mode == ModeChoice.TRANSFER
                ? List.copyOf(EnumSet.range(UpdateState.STAGED, UpdateState.RUNNING_NEW))
                : List.of();
    }

    @Override
    List<UpdateState> stepsOfRestore() {
        return List.of();
    }
}
