package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.OperationJson;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.cprctl.output.Screen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Saves or restores VMs, one after the other. */
final class RebootRun {
    private static final int MOST_SECONDS = 86_400;

    private final Verb verb;
    private final Screen screen;
    private final Site.Operations operations;
    private final WaitOptions wait;
    private final int deadline;

    RebootRun(Verb verb, Screen screen, Site.Operations operations, WaitOptions wait, int deadline) {
        this.verb = verb;
        this.screen = screen;
        this.operations = operations;
        this.wait = wait;
        this.deadline = deadline;
        if (deadline < 1 || deadline > MOST_SECONDS) {
            throw verb.wrong("--deadline takes 1 to 86400 seconds, not " + deadline);
        }
    }

    /**
     * Does it to each; a save stops at the first that fails, so that no guest stands still for nothing.
     *
     * @param good the status of one that went well
     */
    ExitStatus go(OperationKind kind, List<VmName> vms, ExitStatus good) throws OperationException {
        List<Operation> done = new ArrayList<>();
        ExitStatus worst = vms.isEmpty() ? ExitStatus.OK : good;
        for (VmName vm : vms) {
            screen.note(kind.kindName() + " " + vm);
            Operation operation = new OperationRun(screen, verb.site(), operations, wait).one(spec(kind, vm));
            done.add(operation);
            ExitStatus status =
                    operation.outcome().map(Operation.Outcome::status).orElse(ExitStatus.UNDER_WAY);
            if (status != good) {
                worst = worst == good ? status : worst;
                if (kind == OperationKind.SAVE) {
                    break;
                }
            }
        }
        if (screen.json()) {
            screen.document(OperationJson.of(done));
        } else if (vms.isEmpty()) {
            screen.note("There is nothing to do.");
        }
        return worst;
    }

    private OperationSpec spec(OperationKind kind, VmName vm) {
        return new OperationSpec(
                kind,
                vm,
                Optional.empty(),
                ModeChoice.REBOOT,
                Optional.empty(),
                Duration.ZERO,
                Duration.ofSeconds(deadline));
    }
}
