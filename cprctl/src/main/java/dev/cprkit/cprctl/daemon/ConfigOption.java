package dev.cprkit.cprctl.daemon;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.daemon.AgentConfig;
import dev.cprkit.agent.daemon.AgentProcess;
import dev.cprkit.agent.daemon.ConfigException;
import dev.cprkit.agent.daemon.ConfigFile;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.host.ProcessHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which configuration holds. */
final class ConfigOption {
    private final Map<String, String> environment = System.getenv();
    private final ProcessHost host = new LinuxHost();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = {
                "The configuration, see cprkit-agent.conf(5). By default /etc/cprkit/agent.toml for root, and"
                        + " $XDG_CONFIG_HOME/cprkit/agent.toml for others, if there is such a file."
            })
    private Optional<Path> file = Optional.empty();

    /** The file that is read; empty for none. */
    Optional<Path> file() {
        return file.or(() -> Optional.of(usual()).filter(Files::exists)).map(Path::toAbsolutePath);
    }

    private Path usual() {
        if (host.uid() == 0) {
            return ConfigFile.DEFAULT;
        }
        String xdg = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path folder = xdg.startsWith("/") ? Path.of(xdg) : Path.of(environment.getOrDefault("HOME", "/"), ".config");
        return folder.resolve("cprkit").resolve("agent.toml");
    }

    private Home home() throws AgentMain.CannotStart {
        Home home = Home.of(environment, host.uid());
        Optional<String> trouble = home.trouble();
        if (trouble.isPresent()) {
            throw new AgentMain.CannotStart(trouble.get());
        }
        return home;
    }

    AgentConfig read() throws AgentMain.CannotStart {
        boolean root = host.uid() == 0;
        Optional<Path> from = file();
        if (from.isEmpty()) {
            return ConfigFile.defaults(home(), root);
        }
        try {
            return ConfigFile.read(from.get(), home(), root);
        } catch (ConfigException e) {
            throw new AgentMain.CannotStart(e.getMessage());
        }
    }

    /** Runs the agent; returns only if it cannot run. */
    ExitStatus runAgent() throws AgentMain.CannotStart {
        return AgentProcess.run(read(), home(), host, environment);
    }
}
