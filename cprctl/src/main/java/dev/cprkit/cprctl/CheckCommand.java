package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.cprctl.output.Screen;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cprctl check}. */
@Command(
        name = "check",
        header = "Tell all that stands in the way of an update.",
        description = {
            "For each mode: whether it is possible, and everything that was found, with what to do about it and a code"
                + " in brackets that stays the same across releases. Changes nothing. The exit status is 3 if no mode"
                + " is possible.",
            ""
        })
final class CheckCommand extends Verb {
    @Mixin
    private Target target;

    @Mixin
    private UpdateOptions options;

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        var mode = options.mode(this);
        return new CheckRun(screen, site()).go(target.resolve(this), options.program(this), mode);
    }
}
