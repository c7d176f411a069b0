package dev.cprkit.agent.daemon;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.host.TrustedPath;
import dev.cprkit.agent.host.UntrustedException;
import dev.cprkit.agent.operation.OperationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which programs VMs may be updated to: those in the folders that the configuration names, by paths that nobody but root
 * and the agent's own user can change. Otherwise a caller who may not log in as the agent's user could run anything as
 * that user. Any thread may call.
 */
final class ProgramRules {
    private final List<Path> folders;

    ProgramRules(List<Path> folders) {
        this.folders = List.copyOf(folders);
    }

    /** Checks a program; where it really is. */
    Path check(Path program) throws OperationException {
        try {
            Path real = TrustedPath.of(program);
            if (!Files.isRegularFile(real)) {
                throw refused(program + " is no file");
            }
            if (folders.stream().noneMatch(folder -> isIn(real, folder))) {
                throw refused(program + " is in none of the directories that updates may be taken from ("
                        + folders.stream().map(Path::toString).collect(Collectors.joining(", "))
                        + "); 'program-directories' in the agent's configuration names them");
            }
            return real;
        } catch (NoSuchFileException e) {
            throw refused("there is no program " + program);
        } catch (UntrustedException e) {
            throw refused("the program " + e.getMessage());
        } catch (IOException e) {
            throw refused("the program " + program + " cannot be read: " + e.getMessage());
        }
    }

    /**
     * Checks a program that is named by more than its path: a loader with the program that it loads and the folders of
     * libraries, or a JVM with its classes. Only the program itself must be in one of the directories.
     */
    Path check(Program program) throws OperationException {
        Path real = check(program.file());
        for (Path part : program.parts()) {
            try {
                var _ = TrustedPath.of(part);
            } catch (UntrustedException e) {
                throw refused("the program " + program.file() + " is started with what is not safe: " + e.getMessage());
            } catch (IOException e) {
                // what is not there is not loaded, and nobody else can put it there: its folder was looked at
            }
        }
        return real;
    }

    private static boolean isIn(Path real, Path folder) {
        try {
            return real.startsWith(folder.toRealPath());
        } catch (IOException e) {
            return false; // a folder that is not there has nothing in it
        }
    }

    private static OperationException refused(String sentence) {
        return new OperationException(ExitStatus.REFUSED, sentence);
    }
}
