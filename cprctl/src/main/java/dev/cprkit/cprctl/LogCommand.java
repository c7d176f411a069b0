package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.OperationJson;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.cprctl.output.Screen;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cprctl log}. */
@Command(
        name = "log",
        header = "Show one operation, step by step.",
        description = {
            "Also what its checks found, and how it ended. With --follow it waits for the end of one that goes on, and"
                    + " the exit status is the operation's; else it is 0.",
            ""
        })
final class LogCommand extends Verb {
    @Mixin
    private OperationArgument argument;

    @Mixin
    private WaitOptions wait;

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        wait.check(this);
        try (Site.Operations operations = operations()) {
            Operation operation = argument.find(this, operations.service());
            if (wait.follow()) {
                return new OperationRun(screen, site(), operations, wait).look(operation.id());
            }
            if (screen.json()) {
                screen.document(OperationJson.of(operation));
            } else {
                text(screen, operation);
            }
            return ExitStatus.OK;
        }
    }

    private static void text(Screen screen, Operation operation) {
        screen.line("Operation " + operation.id() + ": "
                + operation.spec().kind().kindName() + " of "
                + operation.spec().vm() + ", began " + operation.began() + ", asked for by "
                + operation.caller().who() + " through " + operation.caller().through() + ".");
        new OperationWatch(screen, operation.id(), false).catchUp(operation);
        if (operation.outcome().isPresent()) {
            OperationText.ended(screen, operation, Optional.empty());
        } else {
            screen.line("It goes on.");
        }
    }
}
