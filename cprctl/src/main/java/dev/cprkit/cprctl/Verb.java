package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.cprctl.output.ColorChoice;
import dev.cprkit.cprctl.output.Screen;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What all subcommands have in common: how they print, and how they fail. */
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = false,
        descriptionHeading = "%n",
        parameterListHeading = "%nArguments:%n",
        optionListHeading = "%nOptions:%n")
abstract class Verb implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @ParentCommand
    private Main main;

    @Option(
            names = "--json",
            order = 90,
            description = "Print one JSON document instead of text; its schema is cprkit/1.")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            order = 91,
            description = "Print only results and errors: no steps, no notes, no progress.")
    private boolean quiet;

    @Option(
            names = "--color",
            order = 92,
            paramLabel = "WHEN",
            defaultValue = "auto",
            description = "Colour the text: auto (only on a terminal, and not if NO_COLOR is set), always or never.")
    private String color = "auto";

    @Option(
            names = "--no-agent",
            order = 93,
            description = "Do the work in this process, even if an agent runs on this host.")
    private boolean noAgent;

    /** Does what the subcommand is for, and tells how it ended. */
    abstract ExitStatus run(Screen screen) throws OperationException;

    @Override
    public final Integer call() {
        ColorChoice choice = ColorChoice.of(color)
                .orElseThrow(() -> wrong("--color '" + color + "' is not known; use auto, always or never"));
        try (Screen screen = main.screen(json, quiet, choice)) {
            try {
                Optional<String> trouble = site().home().trouble();
                if (trouble.isPresent()) {
                    throw new OperationException(ExitStatus.NOT_AUTHORISED, trouble.get());
                }
                return run(screen).number();
            } catch (OperationException e) {
                screen.error(e.status(), e.getMessage());
                return e.status().number();
            }
        }
    }

    final Site site() {
        return main.site();
    }

    /** The host's operations, as the user wants them. */
    final Site.Operations operations() throws OperationException {
        return main.site().operations(!noAgent);
    }

    /** An error in the command line. */
    final ParameterException wrong(String message) {
        return new ParameterException(commandLine(), message);
    }

    final CommandLine commandLine() {
        return spec.commandLine();
    }
}
