package dev.cprkit.agent.host;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What the kernel knows about a process (proc(5)).
 *
 * @param uid the effective user's id
 * @param commandLine as given to execve(2), the program's name first
 * @param executable as the kernel shows it, with {@code " (deleted)"} if the file was replaced
 * @param directory its working directory, which relative paths in its options start from
 * @param environment as it was given at its start
 */
public record ProcessFacts(
        long pid, int uid, List<String> commandLine, Path executable, Path directory, Map<String, String> environment) {
    public ProcessFacts {
        commandLine = List.copyOf(commandLine);
        environment = Map.copyOf(environment);
    }
}
