package dev.cprkit.agent.vm;

import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.host.TrustedPath;
import dev.cprkit.agent.host.UntrustedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is installed now where a VM's program was started from. Any thread may call; each program is asked once, and again
 * when another file is at its path.
 *
 * <p>A program is only asked for its version if nobody but root and this user could have put it there: {@code cprctl list}
 * run by root must not run what a guest's owner has in his own folder.
 */
final class Installed {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final String VERSION = "version ";
    private static final Set<PosixFilePermission> OTHERS_MAY_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private final Map<List<String>, Known> versions = new ConcurrentHashMap<>();

    /** What a program said, and which file that was. */
    private record Known(List<Object> file, Optional<String> version) {}

    /**
     * The version of the program that these words name; empty if it is gone, not ours to run, or does not say. A bare JVM is
     * not asked: what its main class does with an option nobody knows.
     */
    Optional<String> version(List<String> words) {
        Program program = new Program(words, List.of());
        if (program.file().endsWith("java") || !isTrusted(program)) {
            return Optional.empty();
        }
        List<Object> file = identity(program.file());
        return versions.compute(
                        words,
                        (_, known) -> known != null && known.file().equals(file) ? known : new Known(file, ask(words)))
                .version();
    }

    /** Another one for another file, or for other contents. */
    private static List<Object> identity(Path program) {
        try {
            BasicFileAttributes file = Files.readAttributes(program, BasicFileAttributes.class);
            return List.of(file.fileKey(), file.lastModifiedTime(), file.size());
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Optional<String> ask(List<String> words) {
        return ProgramQuestion.ask(words, LIMIT, "-version").stream()
                .filter(line -> line.contains(VERSION))
                .map(line ->
                        line.substring(line.indexOf(VERSION) + VERSION.length()).strip())
                .findFirst();
    }

    /** All that is run with it counts: a loader that is the system's own runs whatever it is told to. */
    private static boolean isTrusted(Program program) {
        try {
            boolean root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
            for (Path part : program.parts()) {
                if (root) {
                    var _ = TrustedPath.of(part);
                } else if (!isOurs(part)) {
                    return false;
                }
            }
            return Files.isExecutable(program.file());
        } catch (IOException | UntrustedException e) {
            return false;
        }
    }

    private static boolean isOurs(Path file) throws IOException {
        Object owner = Files.getAttribute(file, "unix:uid");
        return (owner.equals(0) || owner.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid")))
                && (Files.isDirectory(file)
                        || Files.getPosixFilePermissions(file).stream().noneMatch(OTHERS_MAY_WRITE::contains));
    }
}
