package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.cprctl.output.Screen;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cprctl cancel}. */
@Command(
        name = "cancel",
        header = "Back an operation out, if it still can be.",
        description = {
            "Asks an operation to back out, and waits for its end. The guest is then in the old program, as it was;"
                    + " once it has moved, an operation goes through to its end.",
            "",
            "The exit status is 0 if it was backed out, else that of the operation.",
            ""
        })
final class CancelCommand extends Verb {
    @Mixin
    private OperationArgument argument;

    @Mixin
    private WaitOptions wait;

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        wait.check(this);
        try (Site.Operations operations = operations()) {
            Operation operation = argument.goingOn(this, operations.service());
            operations.service().cancel(operation.id());
            ExitStatus status = new OperationRun(screen, site(), operations, wait).look(operation.id());
            return status == ExitStatus.ABORTED || status == ExitStatus.ROLLED_BACK ? ExitStatus.OK : status;
        }
    }
}
