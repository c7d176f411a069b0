package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import java.io.PrintStream;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
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
            "Works with vmm and with QEMU from 10.0 on, through the VM's QMP socket.",
            ""
        },
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done",
            "1:it did not work; an update left the guest in the old process, as it was",
            "2:the command line is wrong; nothing was done",
            "3:there is no VM to talk to at that QMP socket",
            "4:a check failed; nothing was done",
            "5:somebody has to look: an old process remains, or it is not certain that the guest runs",
            "124:it took too long; the guest is in the old process, as it was",
            "130:it was asked to stop; the guest is in the old process, as it was"
        },
        footer = {
            "",
            "Example:",
            "  cprctl update --qmp /run/vm.qmp --vmm /opt/vmm-2/bin/vmm",
            "",
            "cprctl COMMAND --help tells more about a command."
        },
        subcommands = {StatusCommand.class, CheckCommand.class, UpdateCommand.class})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: status, check or update");
    }

    /** Runs and exits. */
    public static void main(String[] args) {
        System.exit(run(args, writer(System.out), writer(System.err)));
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    /** Runs one command line and returns its exit status. */
    static int run(String[] args, PrintWriter out, PrintWriter err) {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.setOut(out).setErr(err);
        commandLine.setParameterExceptionHandler(usage());
        commandLine.setExecutionExceptionHandler(bug());
        return commandLine.execute(args);
    }

    private static IParameterExceptionHandler usage() {
        return (e, args) -> {
            CommandLine command = e.getCommandLine();
            String name = command.getCommandSpec().qualifiedName();
            PrintWriter err = command.getErr();
            err.println("cprctl: " + e.getMessage());
            UnmatchedArgumentException.printSuggestions(e, err);
            err.println("Try '" + name + " --help'.");
            return ExitStatus.USAGE.number();
        };
    }

    private static IExecutionExceptionHandler bug() {
        return (e, command, result) -> {
            command.getErr()
                    .println("cprctl: this is a bug in cprctl, please report it: " + e + " at " + e.getStackTrace()[0]);
            return ExitStatus.ATTENTION.number();
        };
    }
}
