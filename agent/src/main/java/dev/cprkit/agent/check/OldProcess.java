package dev.cprkit.agent.check;

import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.argv.QemuOption;
import dev.cprkit.agent.host.ProcessFacts;
import java.nio.file.Path;
import java.util.List;

/**
 * What the kernel knows about the old process.
 *
 * @param program its command line, taken apart
 * @param options the arguments of the command line
 * @param root its root folder
 * @param otherNamespaces those in which it is not with us, by their names in {@code /proc/PID/ns}
 * @param cgroup its control group's path; may be empty
 * @param tcpPorts that it listens on, in its own network namespace; none of a process that may not be looked into
 * @param privateBytes memory of its own that is no file's and no guest's, as far as that is shared
 */
public record OldProcess(
        ProcessFacts facts,
        Program program,
        List<QemuOption> options,
        Path root,
        List<String> otherNamespaces,
        String cgroup,
        List<Integer> tcpPorts,
        long privateBytes) {
    public OldProcess {
        options = List.copyOf(options);
        otherNamespaces = List.copyOf(otherNamespaces);
        tcpPorts = List.copyOf(tcpPorts);
    }

    /**
     * Where its relative paths begin. A program with {@code -daemonize} has gone to / since it read them; its shell said
     * from where.
     */
    public Path directory() {
        String shells = facts.environment().getOrDefault("PWD", "");
        return program.arguments().contains("-daemonize") && shells.startsWith("/")
                ? Path.of(shells)
                : facts.directory();
    }
}
