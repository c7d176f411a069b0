package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.Json;
import dev.cprkit.cprctl.output.ColorChoice;
import dev.cprkit.cprctl.output.Screen;
import dev.cprkit.cprctl.terminal.Terminals;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code cprctl}: replaces the program that runs a virtual machine while its guest keeps running. */
@Command(
        name = "cprctl",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Replaces the program that runs a virtual machine while its guest keeps running.",
            "",
            "Works with vmm and with QEMU from 10.0 on, through the VM's QMP socket. If an agent (cpr-agent) runs on"
                    + " this host, it does the work; if not, cprctl does it itself.",
            ""
        },
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit status, of every command:%n",
        footer = {
            "",
            "Example:",
            "  cprctl launch web --make-updatable -- vmm -kernel Image -m 512M",
            "  cprctl update web --to /opt/vmm-2/bin/vmm",
            "",
            "cprctl COMMAND --help tells more about a command."
        },
        subcommands = {
            ListCommand.class,
            StatusCommand.class,
            LaunchCommand.class,
            AdoptCommand.class,
            ForgetCommand.class,
            CheckCommand.class,
            PlanCommand.class,
            UpdateCommand.class,
            CancelCommand.class,
            RollbackCommand.class,
            CommitCommand.class,
            HistoryCommand.class,
            LogCommand.class,
            QmpCommand.class,
            HmpCommand.class,
            ConsoleCommand.class,
            RebootSaveCommand.class,
            RebootRestoreCommand.class,
            CompletionCommand.class,
            HelpCommand.class
        })
public final class Main implements Runnable {
    private static final String JSON = "--json";

    private final Site site;
    private final Streams streams;

    @Spec
    private CommandSpec spec;

    /**
     * Where it prints.
     *
     * @param outTerminal whether {@code out} is a terminal
     * @param errTerminal whether {@code err} is one
     */
    record Streams(PrintWriter out, PrintWriter err, boolean outTerminal, boolean errTerminal) {}

    Main(Site site, Streams streams) {
        this.site = site;
        this.streams = streams;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do, for example: cprctl list");
    }

    Site site() {
        return site;
    }

    Screen screen(boolean json, boolean quiet, ColorChoice choice) {
        return new Screen(
                streams.out,
                streams.err,
                json,
                quiet,
                choice.applies(streams.outTerminal, site.environment()),
                choice.applies(streams.errTerminal, site.environment()),
                streams.errTerminal);
    }

    /** Runs and exits. */
    public static void main(String[] args) {
        Streams streams =
                new Streams(writer(System.out), writer(System.err), Terminals.isTerminal(1), Terminals.isTerminal(2));
        int status = run(args, new LocalSite(System.getenv()), streams);
        System.exit(isPrinted(streams) || status != 0 ? status : ExitStatus.ATTENTION.number());
    }

    /** A result that nobody got is none: on a full disk, say. Whoever closed a pipe has seen enough. */
    private static boolean isPrinted(Streams streams) {
        if (!streams.out.checkError() || Terminals.leadsTo(1).startsWith("pipe:")) {
            return true;
        }
        streams.err.println("cprctl: the result could not be printed: standard output cannot be written to");
        return false;
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    /** Runs one command line and returns its exit status. */
    static int run(String[] args, Site site, Streams streams) {
        return commandLine(site, streams, coloursOfHelp(args, site, streams)).execute(args);
    }

    /** The whole declaration: help, completion and man pages are made from it. */
    static CommandLine commandLine(Site site, Streams streams, boolean colours) {
        CommandLine commandLine = new CommandLine(new Main(site, streams));
        commandLine.setOut(streams.out).setErr(streams.err);
        commandLine.setColorScheme(CommandLine.Help.defaultColorScheme(colours ? Ansi.ON : Ansi.OFF));
        commandLine.setParameterExceptionHandler(usage());
        commandLine.setExecutionExceptionHandler(bug());
        commandLine.setUnmatchedOptionsArePositionalParams(false);
        commandLine.getCommandSpec().usageMessage().exitCodeList(exitStatuses());
        return commandLine;
    }

    /** The declaration alone, for those who describe it: nothing can be run by it. */
    public static CommandLine declaration() {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        return commandLine(new LocalSite(Map.of()), new Streams(nowhere, nowhere, false, false), false);
    }

    /** The one table of exit statuses, for the help. */
    static Map<String, String> exitStatuses() {
        Map<String, String> table = new LinkedHashMap<>();
        for (ExitStatus status : ExitStatus.values()) {
            table.put(Integer.toString(status.number()), status.meaning());
        }
        return table;
    }

    /** Help is printed before options are known, so --color is looked for by hand. */
    private static boolean coloursOfHelp(String[] args, Site site, Streams streams) {
        List<String> words = own(args);
        ColorChoice choice = ColorChoice.AUTO;
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            String value = word.startsWith("--color=")
                    ? word.substring("--color=".length())
                    : word.equals("--color") && i + 1 < words.size() ? words.get(i + 1) : "";
            choice = ColorChoice.of(value).orElse(choice);
        }
        return choice.applies(streams.outTerminal, site.environment());
    }

    /** The words before {@code --}: what follows is another program's. */
    private static List<String> own(String[] args) {
        List<String> words = Arrays.asList(args);
        int end = words.indexOf("--");
        return end < 0 ? words : words.subList(0, end);
    }

    private static IParameterExceptionHandler usage() {
        return (e, args) -> {
            CommandLine command = e.getCommandLine();
            PrintWriter err = command.getErr();
            if (own(args).contains(JSON)) {
                command.getOut().println(Json.error(ExitStatus.USAGE, e.getMessage()));
                return ExitStatus.USAGE.number();
            }
            err.println("cprctl: " + e.getMessage());
            UnmatchedArgumentException.printSuggestions(e, err);
            err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
            return ExitStatus.USAGE.number();
        };
    }

    private static IExecutionExceptionHandler bug() {
        return (e, command, result) -> {
            StackTraceElement[] trace = e.getStackTrace();
            String message =
                    "this is a bug in cprctl, please report it: " + e + (trace.length > 0 ? " at " + trace[0] : "");
            command.getErr().println("cprctl: " + message);
            if (result.originalArgs().contains(JSON)) {
                command.getOut().println(Json.error(ExitStatus.ATTENTION, message));
            }
            return ExitStatus.ATTENTION.number();
        };
    }
}
