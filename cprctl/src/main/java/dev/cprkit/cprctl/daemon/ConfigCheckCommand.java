package dev.cprkit.cprctl.daemon;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.daemon.AccessRule;
import dev.cprkit.agent.daemon.AgentConfig;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code cpr-agent config check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        versionProvider = AgentVersion.class,
        description = "Checks the configuration as a start would, and tells what it means. Nothing is started.")
final class ConfigCheckCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws AgentMain.CannotStart {
        AgentConfig read = config.read();
        PrintWriter out = spec.commandLine().getOut();
        out.println(config.file()
                .map(file -> file + " is in order.")
                .orElse("There is no configuration file; the defaults hold."));
        out.println("socket: " + read.socket()
                + read.socketGroup().map(group -> ", for the group " + group).orElse(""));
        read.tls()
                .ifPresent(
                        tls -> out.println("tls: " + tls.listen().getAddress().getHostAddress() + ":"
                                + tls.listen().getPort()));
        out.println("operations at once: " + read.operationsAtOnce());
        out.println("programs from: "
                + read.programFolders().stream().map(Object::toString).collect(Collectors.joining(", ")));
        out.println("admin: root and the agent's own user");
        for (AccessRule rule : read.rules()) {
            out.println(rule.role().roleName() + ": " + who(rule.who()));
        }
        return ExitStatus.OK.number();
    }

    private static String who(AccessRule.Who who) {
        return switch (who) {
            case AccessRule.User user -> "the user " + user.name();
            case AccessRule.Group group -> "the group " + group.name();
            case AccessRule.Subject subject ->
                "the certificate of " + subject.subject().getName();
            case AccessRule.AlternativeName name -> "the certificate for " + name.name();
        };
    }
}
