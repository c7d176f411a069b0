package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.cprctl.output.Screen;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cprctl reboot-restore}. */
@Command(
        name = "reboot-restore",
        header = "Start the VMs again that reboot-save has saved.",
        description = {
            "In the order in which they were saved, and as they were, running or stopped. One that cannot be started"
                    + " keeps its saved state, and those that follow are started all the same; the exit status is then"
                    + " that of the first that failed.",
            ""
        })
final class RebootRestoreCommand extends Verb {
    private static final int ALL = 10_000;

    @Parameters(
            index = "0..*",
            arity = "0..*",
            paramLabel = "VM",
            description = "The VMs' names; by default all that are saved.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--deadline",
            order = 1,
            paramLabel = "S",
            defaultValue = "600",
            description = "Give up on a VM that does not run after so many seconds (default: 600).")
    private int deadline;

    @Mixin
    private WaitOptions wait;

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        wait.check(this);
        Set<VmName> wanted = new HashSet<>();
        for (String name : names) {
            wanted.add(VmName.of(name).orElseThrow(() -> Target.badName(name)));
        }
        try (Site.Operations operations = operations()) {
            List<VmName> saved = saved(operations);
            for (VmName name : wanted) {
                if (!saved.contains(name)) {
                    throw new OperationException(
                            ExitStatus.USAGE, "VM " + name + " is not saved, so it cannot be restored");
                }
            }
            if (!wanted.isEmpty()) {
                saved.retainAll(wanted);
            }
            return new RebootRun(this, screen, operations, wait, deadline)
                    .go(OperationKind.RESTORE, saved, ExitStatus.OK);
        }
    }

    /** Those whose last operation that came to something has saved them, the first saved first. */
    private static List<VmName> saved(Site.Operations operations) throws OperationException {
        Set<VmName> seen = new HashSet<>();
        List<VmName> saved = new ArrayList<>();
        for (Operation operation : operations.service().history(Optional.empty(), ALL)) {
            Optional<ExitStatus> status = operation.outcome().map(Operation.Outcome::status);
            boolean settled = status.equals(Optional.of(ExitStatus.OK)) || status.equals(Optional.of(ExitStatus.SAVED));
            if (settled && seen.add(operation.spec().vm()) && status.equals(Optional.of(ExitStatus.SAVED))) {
                saved.addFirst(operation.spec().vm());
            }
        }
        return saved;
    }
}
