package dev.cprkit.cprctl.daemon;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cpr-agent run}: what it does without a command. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        versionProvider = AgentVersion.class,
        description = "Runs in the foreground. This is what is done without a command.")
final class RunCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Override
    public Integer call() throws AgentMain.CannotStart {
        return config.runAgent().number();
    }
}
