package dev.cprkit.cprctl;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.vm.Launch;
import dev.cprkit.agent.vm.LaunchPlan;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.cprctl.output.Screen;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cprctl launch}. */
@Command(
        name = "launch",
        customSynopsis = "cprctl launch [OPTIONS] NAME -- COMMAND...",
        header = "Start a VM under a name, so that it can be updated later.",
        description = {
            "The VM gets a folder of its own for its sockets and its log, a session of its own, and a QMP socket if its"
                    + " command line has none. What in the command line would keep it from being updated is told: with"
                    + " --make-updatable it is changed; without, nothing is started and the exit status is 3, unless"
                    + " --as-is says to start it all the same.",
            ""
        })
final class LaunchCommand extends Verb {
    private static final int MOST_SECONDS = 3_600;

    @Parameters(index = "0", paramLabel = "NAME", description = "The VM's name from now on.")
    private String name = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "COMMAND",
            description = "The program and its options: vmm, qemu-system-x86_64, ...; everything after -- is its own.")
    private List<String> command = List.of();

    @Option(
            names = {"-u", "--make-updatable"},
            order = 1,
            description = "Change the command line so that the VM can be updated: memory that another process can map,"
                    + " aux-ram-share=on, a versioned machine, a serial line on a socket. Prints the final one.")
    private boolean makeUpdatable;

    @Option(names = "--as-is", order = 2, description = "Start it even if it cannot be updated later.")
    private boolean asIs;

    @Option(
            names = {"-n", "--dry-run"},
            order = 3,
            description = "Start nothing; only print what would be started.")
    private boolean dryRun;

    @Option(
            names = "--timeout",
            order = 4,
            paramLabel = "S",
            defaultValue = "30",
            description = "End the process again if the VM does not answer after so many seconds (default: 30).")
    private int timeout;

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        VmName vm = VmName.of(name).orElseThrow(() -> wrong("'" + name + "' cannot be a VM's name: " + VmName.rule()));
        if (timeout < 1 || timeout > MOST_SECONDS) {
            throw wrong("--timeout takes 1 to 3600 seconds, not " + timeout);
        }
        if (command.isEmpty()) {
            throw wrong("say what to launch: cprctl launch " + name + " -- COMMAND...");
        }
        Launch launch = new Launch(site().registry(), site().processes(), site().clock());
        Launch.Request request =
                new Launch.Request(vm, command, site().directory(), site().environment(), makeUpdatable);
        LaunchPlan plan = launch.plan(request);
        LaunchText text = new LaunchText(screen, vm, plan);
        boolean refused = !plan.obstacles().isEmpty() && !asIs;
        if (dryRun || refused) {
            text.planned(refused);
            return refused ? ExitStatus.REFUSED : ExitStatus.OK;
        }
        screen.waitingFor("waiting for the VM to answer");
        Launch.Launched launched = launch.run(request, plan, Duration.ofSeconds(timeout));
        text.launched(launched);
        return ExitStatus.OK;
    }
}
