package dev.cprkit.cprctl;

import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.update.Cancellation;
import dev.cprkit.agent.update.LiveUpdate;
import dev.cprkit.agent.update.UpdateResult;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code cprctl check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Tells whether an update would be tried, and all that stands in its way, with what to do about each.",
            "",
            "Starts no process. Prints the new process's command line.",
            ""
        },
        optionListHeading = "%nOptions:%n")
final class CheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private QmpOption vm;

    @Mixin
    private UpdateOptions options;

    @Override
    public Integer call() {
        UpdateOutput output = UpdateOutput.of(
                vm.json, spec.commandLine().getOut(), spec.commandLine().getErr());
        UpdateResult result =
                new LiveUpdate(options.request(spec, vm.qmp), new LinuxHost(), output, new Cancellation()).check();
        output.checked(result);
        return result.status().number();
    }
}
