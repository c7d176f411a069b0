package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.cprctl.output.Screen;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cprctl commit}. */
@Command(
        name = "commit",
        header = "End the probation of an update.",
        description = {"The guest stays in the new program, and is not watched any more.", ""})
final class CommitCommand extends Verb {
    @Mixin
    private OperationArgument argument;

    @Mixin
    private WaitOptions wait;

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        wait.check(this);
        try (Site.Operations operations = operations()) {
            Operation operation = argument.goingOn(this, operations.service());
            operations.service().commit(operation.id());
            return new OperationRun(screen, site(), operations, wait).look(operation.id());
        }
    }
}
