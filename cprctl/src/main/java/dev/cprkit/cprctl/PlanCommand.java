package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.CheckJson;
import dev.cprkit.agent.check.UpdatePreview;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.cprctl.output.Screen;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cprctl plan}. */
@Command(
        name = "plan",
        header = "Show what an update would do, without doing it.",
        description = {
            "Prints the old and the new process's command line beside each other, option by option with the reason of"
                    + " each change, then the steps and the pause to expect, by this VM's earlier updates.",
            "",
            "The exit status is 3 if the update would be refused.",
            ""
        })
final class PlanCommand extends Verb {
    @Mixin
    private Target target;

    @Mixin
    private UpdateOptions options;

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        ModeChoice mode = options.mode(this);
        Optional<Path> program = options.program(this);
        Target.Vm vm = target.resolve(this);
        screen.waitingFor("looking at " + vm.qmp());
        try (Site.Operations operations = operations()) {
            UpdatePreview preview = site().examiner()
                    .plan(vm.qmp(), program, mode.modes(), Looking.pauses(operations, target.journalName(this)));
            PlanText text = new PlanText(screen, preview);
            if (screen.json()) {
                screen.document(CheckJson.of(vm.name(), preview));
            } else {
                text.print();
            }
            return preview.isPossible() ? ExitStatus.OK : ExitStatus.REFUSED;
        }
    }
}
