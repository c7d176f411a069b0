package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.VmStatus;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.cprctl.output.Screen;
import dev.cprkit.cprctl.output.Style;
import dev.cprkit.cprctl.output.Words;
import java.util.Optional;

/** How an operation ended, in text. */
final class OperationText {
    private OperationText() {}

    /** After its steps were told. */
    static void ended(Screen screen, Operation operation, Optional<VmStatus> now) {
        if (operation.outcome().isEmpty()) {
            screen.failure("operation " + operation.id() + " of "
                    + operation.spec().vm() + " still goes on, in the agent; cprctl log " + operation.id()
                    + " --follow waits for its end");
            return;
        }
        Operation.Outcome outcome = operation.outcome().get();
        if (outcome.status() == ExitStatus.OK || outcome.status() == ExitStatus.SAVED) {
            screen.line(screen.styled(Style.GOOD, sentence(outcome.message())));
        } else {
            screen.failure(outcome.message());
        }
        outcome.pause().ifPresent(pause -> screen.line("The guest paused for " + Words.milliseconds(pause) + "."));
        if (!screen.quiet()) {
            outcome.program().ifPresent(program -> screen.line("It runs in " + program(program) + "."));
            outcome.previous()
                    .ifPresent(program ->
                            screen.line("It ran in " + program(program) + "; cprctl rollback brings it back there."));
            now.ifPresent(status -> screen.line(
                    "Process " + status.pid() + ", guest " + status.runState() + ", QMP socket " + status.qmp() + "."));
            screen.note("operation " + operation.id());
        }
        if (!outcome.output().isEmpty()) {
            screen.errLine("The new process printed:");
            outcome.output().lines().forEach(line -> screen.errLine("  " + line));
        }
    }

    /** A program with its version. */
    static String program(Operation.Program program) {
        return program.path() + (program.version().isEmpty() ? "" : ", version " + program.version());
    }

    private static String sentence(String message) {
        String text = message.isEmpty() ? "done" : message;
        String end = text.endsWith(".") ? "" : ".";
        return Character.toUpperCase(text.charAt(0)) + text.substring(1) + end;
    }
}
