package dev.cprkit.cprctl.daemon;

import dev.cprkit.agent.ExitStatus;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code cpr-agent}: the agent of a host. */
@Command(
        name = "cpr-agent",
        mixinStandardHelpOptions = true,
        versionProvider = AgentVersion.class,
        description = {
            "Updates the programs that run this host's virtual machines, for callers that ask over HTTP.",
            "",
            "Runs in the foreground until it is ended; virtual machines outlive it. What it was about to do when it"
                    + " ended, the next one finishes or backs out.",
            ""
        },
        synopsisSubcommandLabel = "[COMMAND]",
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:it was asked to stop, and did; the configuration can be used",
            "1:it cannot run: the journal or the socket cannot be used; its log says why",
            "2:the command line or the configuration is wrong"
        },
        footer = {
            "",
            "Examples:",
            "  cpr-agent config check",
            "  curl --unix-socket /run/cprkit/agent.sock http://localhost/v1/vms"
        },
        subcommands = {RunCommand.class, ConfigCommand.class})
public final class AgentMain implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Override
    public Integer call() throws CannotStart {
        return config.runAgent().number();
    }

    /** Runs and exits. */
    public static void main(String[] args) {
        System.setProperty("java.util.logging.manager", "dev.cprkit.agent.daemon.AgentLogManager");
        System.exit(run(args, writer(System.out), writer(System.err)));
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    /** Runs one command line and returns its exit status. */
    public static int run(String[] args, PrintWriter out, PrintWriter err) {
        CommandLine commandLine = commandLine().setOut(out).setErr(err);
        commandLine.setExecutionExceptionHandler((e, command, result) -> {
            if (e instanceof CannotStart) {
                err.println("cpr-agent: " + e.getMessage());
                return ExitStatus.USAGE.number();
            }
            StackTraceElement[] trace = e.getStackTrace();
            err.println("cpr-agent: this is a bug in cpr-agent, please report it: " + e
                    + (trace.length > 0 ? " at " + trace[0] : ""));
            return ExitStatus.ATTENTION.number();
        });
        commandLine.setParameterExceptionHandler((e, given) -> {
            err.println("cpr-agent: " + e.getMessage());
            UnmatchedArgumentException.printSuggestions(e, err);
            err.println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
            return ExitStatus.USAGE.number();
        });
        return commandLine.execute(args);
    }

    /** The command line, for running and for its manual page. */
    public static CommandLine commandLine() {
        return new CommandLine(new AgentMain());
    }

    /** The configuration is wrong. */
    static final class CannotStart extends Exception {
        private static final long serialVersionUID = 1L;

        CannotStart(String message) {
            super(message, null, false, false);
        }
    }
}
