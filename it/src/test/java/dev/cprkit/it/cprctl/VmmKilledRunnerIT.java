package dev.cprkit.it.cprctl;

import static dev.cprkit.agent.update.UpdateState.ARMED;
import static dev.cprkit.agent.update.UpdateState.RUNNING_NEW;
import static dev.cprkit.agent.update.UpdateState.SAVED;
import static dev.cprkit.agent.update.UpdateState.STAGED;
import static dev.cprkit.agent.update.UpdateState.TAKEN;

import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.update.UpdateState;
import java.util.List;

/** With {@code vmm}, which starts slowly: the steps at which its own part differs. */
class VmmKilledRunnerIT extends KilledRunnerCases {
    VmmKilledRunnerIT() {
        super(Peer.VMM);
    }

    @Override
    List<UpdateState> steps(ModeChoice mode) {
        return switch (mode) {
            case TRANSFER -> List.of(STAGED, ARMED, SAVED, RUNNING_NEW);
            case EXEC -> List.of(ARMED, SAVED, TAKEN);
            case REBOOT -> List.of(ARMED, SAVED);
            case AUTO -> List.of();
        };
    }

    @Override
    List<UpdateState> stepsOfRestore() {
        return List.of(TAKEN, RUNNING_NEW);
    }
}
