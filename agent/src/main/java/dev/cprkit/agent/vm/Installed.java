package dev.cprkit.agent.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is installed now where a VM's program was started from. Any thread may call; each program is asked once.
 *
 * <p>A program is only asked for its version if nobody but root and this user could have put it there: {@code cprctl list}
 * run by root must not run what a guest's owner has in his own folder.
 */
final class Installed {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final String VERSION = "version ";
    private static final Set<PosixFilePermission> OTHERS_MAY_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private final Map<List<String>, Optional<String>> versions = new ConcurrentHashMap<>();

    /**
     * The version of the program that these words name; empty if it is gone, not ours to run, or does not say. A bare JVM is
     * not asked: what its main class does with an option nobody knows.
     */
    Optional<String> version(List<String> words) {
        Path program = Path.of(words.getFirst());
        return !program.endsWith("java") && isTrusted(program)
                ? versions.computeIfAbsent(words, Installed::ask)
                : Optional.empty();
    }

    private static Optional<String> ask(List<String> words) {
        return ProgramQuestion.ask(words, LIMIT, "-version").stream()
                .filter(line -> line.contains(VERSION))
                .map(line ->
                        line.substring(line.indexOf(VERSION) + VERSION.length()).strip())
                .findFirst();
    }

    private static boolean isTrusted(Path program) {
        try {
            Object owner = Files.getAttribute(program, "unix:uid");
            return Files.isExecutable(program)
                    && (owner.equals(0) || owner.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")))
                    && Files.getPosixFilePermissions(program).stream().noneMatch(OTHERS_MAY_WRITE::contains);
        } catch (IOException e) {
            return false;
        }
    }
}
