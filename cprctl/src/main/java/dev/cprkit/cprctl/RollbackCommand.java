package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.cprctl.output.Screen;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cprctl rollback}. */
@Command(
        name = "rollback",
        header = "Bring a VM back into its previous program.",
        description = {
            "Moves the guest into the program that ran it before its last update: an update of its own, or the end of a"
                    + " probation that is under way.",
            ""
        })
final class RollbackCommand extends Verb {
    private static final int MOST_SECONDS = 86_400;

    @Mixin
    private Target target;

    @Option(
            names = "--mode",
            order = 1,
            paramLabel = "MODE",
            defaultValue = "auto",
            completionCandidates = ModeNames.class,
            description = "How the guest gets there: transfer, exec, reboot, or auto, the default.")
    private String mode = "auto";

    @Option(
            names = "--deadline",
            order = 2,
            paramLabel = "S",
            defaultValue = "60",
            description = "Back out if the guest is not there after so many seconds (default: 60).")
    private int deadline;

    @Option(names = "--id", order = 3, paramLabel = "ID", description = "The operation's id, chosen by you.")
    private Optional<String> id = Optional.empty();

    @Mixin
    private WaitOptions wait;

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        wait.check(this);
        if (deadline < 1 || deadline > MOST_SECONDS) {
            throw wrong("--deadline takes 1 to 86400 seconds, not " + deadline);
        }
        var choice = UpdateOptions.mode(this, mode);
        try (Site.Operations operations = operations()) {
            Guest guest = Guest.of(target, this);
            OperationRun run = new OperationRun(screen, site(), operations, wait);
            Optional<Operation> onProbation = onProbation(operations, guest);
            if (onProbation.isPresent()) {
                operations.service().cancel(onProbation.get().id());
                ExitStatus status = run.look(onProbation.get().id());
                return status == ExitStatus.ROLLED_BACK ? ExitStatus.OK : status;
            }
            OperationSpec spec = new OperationSpec(
                    OperationKind.ROLLBACK,
                    guest.name(),
                    Optional.empty(),
                    choice,
                    Optional.empty(),
                    Duration.ZERO,
                    Duration.ofSeconds(deadline));
            return run.go(id, spec, guest);
        }
    }

    private static Optional<Operation> onProbation(Site.Operations operations, Guest guest) throws OperationException {
        List<Operation> newest = operations.service().history(Optional.of(guest.name()), 1);
        return newest.stream()
                .filter(operation -> operation.outcome().isEmpty()
                        && operation.state().equals(Optional.of(UpdateState.RUNNING_NEW))
                        && !operation.spec().probation().isZero())
                .findFirst();
    }
}
