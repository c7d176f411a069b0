package dev.cprkit.cprctl.daemon;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cpr-agent config}. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        versionProvider = AgentVersion.class,
        description = "Looks at the configuration.",
        subcommands = ConfigCheckCommand.class)
final class ConfigCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do with the configuration: check");
    }
}
