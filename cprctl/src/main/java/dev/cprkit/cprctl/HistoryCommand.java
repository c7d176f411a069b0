package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.OperationJson;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.cprctl.output.Screen;
import dev.cprkit.cprctl.output.Table;
import dev.cprkit.cprctl.output.Words;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cprctl history}. */
@Command(
        name = "history",
        header = "List what was done to a VM, or to all.",
        description = {"The newest first; of VMs that are gone, too.", ""})
final class HistoryCommand extends Verb {
    private static final int MOST = 10_000;
    private static final String NONE = "-";

    @Mixin
    private Target target;

    @Option(
            names = "--limit",
            order = 1,
            paramLabel = "N",
            defaultValue = "20",
            description = "Show at most so many (default: 20).")
    private int limit;

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        if (limit < 1 || limit > MOST) {
            throw wrong("--limit takes 1 to 10000, not " + limit);
        }
        Optional<VmName> vm = target.isGiven() ? Optional.of(target.journalName(this)) : Optional.empty();
        try (Site.Operations operations = operations()) {
            List<Operation> history = operations.service().history(vm, limit);
            if (screen.json()) {
                screen.document(OperationJson.of(history));
            } else if (history.isEmpty()) {
                screen.note("Nothing was done" + vm.map(name -> " to " + name).orElse("") + " yet.");
            } else {
                table(history).print(screen);
            }
        }
        return ExitStatus.OK;
    }

    private static Table table(List<Operation> history) {
        Table table = new Table("BEGAN", "OPERATION", "VM", "KIND", "MODE", "RESULT", "PAUSE", "PROGRAM");
        for (Operation operation : history) {
            Optional<Operation.Outcome> outcome = operation.outcome();
            table.row(
                    began(operation.began()),
                    operation.id(),
                    operation.spec().vm().text(),
                    operation.spec().kind().kindName(),
                    outcome.flatMap(Operation.Outcome::mode)
                            .map(mode -> mode.qapiName().replace("cpr-", ""))
                            .orElse(operation.spec().mode().choiceName()),
                    outcome.map(o -> o.status().statusName())
                            .orElse(operation
                                    .state()
                                    .map(s -> s.stateName() + "...")
                                    .orElse("begun...")),
                    outcome.flatMap(Operation.Outcome::pause)
                            .map(Words::milliseconds)
                            .orElse(NONE),
                    outcome.flatMap(Operation.Outcome::program)
                            .map(program -> program.path().toString())
                            .or(() -> operation.spec().program().map(Object::toString))
                            .orElse(NONE));
        }
        return table;
    }

    private static String began(Instant when) {
        return when.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
