package dev.cprkit.it.cprctl;

import static dev.cprkit.agent.update.UpdateState.ARMED;
import static dev.cprkit.agent.update.UpdateState.COMMITTED;
import static dev.cprkit.agent.update.UpdateState.PAUSED;
import static dev.cprkit.agent.update.UpdateState.PLANNED;
import static dev.cprkit.agent.update.UpdateState.RUNNING_NEW;
import static dev.cprkit.agent.update.UpdateState.SAVED;
import static dev.cprkit.agent.update.UpdateState.STAGED;
import static dev.cprkit.agent.update.UpdateState.TAKEN;

import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.update.UpdateState;
import java.util.EnumSet;
import java.util.List;

/** With the newest QEMU: every step of a cpr-transfer, those of the other modes where something changes, and restores. */
class NewestQemuKilledRunnerIT extends KilledRunnerCases {
    NewestQemuKilledRunnerIT() {
        super(Peer.NEWEST_RISCV64);
    }

    @Override
    List<UpdateState> steps(ModeChoice mode) {
        return switch (mode) {
            case TRANSFER -> List.copyOf(EnumSet.range(PLANNED, COMMITTED));
            case EXEC -> List.of(ARMED, PAUSED, SAVED, TAKEN);
            case REBOOT -> List.of(ARMED, PAUSED, SAVED, TAKEN);
            case AUTO -> List.of();
        };
    }

    @Override
    List<UpdateState> stepsOfRestore() {
        return List.of(STAGED, SAVED, TAKEN, RUNNING_NEW);
    }
}
