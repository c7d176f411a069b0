package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.cprctl.output.Screen;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cprctl update}. */
@Command(
        name = "update",
        header = "Move the guest of a VM into a new program.",
        description = {
            "Starts the new program, moves the guest into it, and ends the old process. The new process has the old"
                    + " one's options, with socket paths of its own: /run/vm.qmp becomes /run/vm.g1.qmp, then g2 and so"
                    + " on. When the old process has ended, the path without a number leads to the newest.",
            "",
            "If anything goes wrong before the guest is in the new program, it stays in the old one, as it was. Ctrl-C"
                    + " does the same.",
            ""
        })
final class UpdateCommand extends Verb {
    private static final int MOST_SECONDS = 86_400;

    @Mixin
    private Target target;

    @Mixin
    private UpdateOptions options;

    @Option(
            names = "--pause-budget",
            order = 10,
            paramLabel = "MS",
            description = "Do not begin if the guest is expected to stand still for longer than so many milliseconds.")
    private Optional<Integer> pauseBudget = Optional.empty();

    @Option(
            names = "--probation",
            order = 11,
            paramLabel = "S",
            defaultValue = "0",
            description = "Watch the guest in the new program for so many seconds, and bring back the old program if it"
                    + " turns bad (default: 0). commit ends this early, rollback goes back.")
    private int probation;

    @Option(
            names = "--deadline",
            order = 12,
            paramLabel = "S",
            defaultValue = "60",
            description = "Back out if the guest is not in the new program after so many seconds (default: 60).")
    private int deadline;

    @Option(
            names = "--id",
            order = 13,
            paramLabel = "ID",
            description =
                    "The operation's id, chosen by you: the same command with the same id again does nothing twice.")
    private Optional<String> id = Optional.empty();

    @Option(
            names = {"-n", "--dry-run"},
            order = 14,
            description = "Only check, as the command check does.")
    private boolean dryRun;

    @Mixin
    private WaitOptions wait;

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        wait.check(this);
        range("--pause-budget", pauseBudget.orElse(1), 1, MOST_SECONDS * 1000L, "milliseconds");
        range("--probation", probation, 0, MOST_SECONDS, "seconds");
        range("--deadline", deadline, 1, MOST_SECONDS, "seconds");
        ModeChoice mode = options.mode(this);
        Optional<Path> program = options.program(this);
        if (dryRun) {
            return new CheckRun(screen, site()).go(target.resolve(this), program, mode);
        }
        try (Site.Operations operations = operations()) {
            Guest guest = Guest.of(target, this); // only when there is somebody to do it
            OperationSpec spec = new OperationSpec(
                    OperationKind.UPDATE,
                    guest.name(),
                    program,
                    mode,
                    pauseBudget.map(Duration::ofMillis),
                    Duration.ofSeconds(probation),
                    Duration.ofSeconds(deadline));
            return new OperationRun(screen, site(), operations, wait).go(id, spec, guest);
        }
    }

    private void range(String option, long value, long least, long most, String unit) {
        if (value < least || value > most) {
            throw wrong(option + " takes " + least + " to " + most + " " + unit + ", not " + value);
        }
    }
}
