package dev.cprkit.agent.daemon;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.OperationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
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

    /**
     * A program that may be run.
     *
     * @param path where it really is
     * @param sha256 of what is in it, in hexadecimal
     */
    record Allowed(Path path, String sha256) {}

    /** Checks a program, and takes its digest from the very file that was checked. */
    Allowed check(Path program) throws OperationException {
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
            return new Allowed(real, digest(real));
        } catch (NoSuchFileException e) {
            throw refused("there is no program " + program);
        } catch (UntrustedException e) {
            throw refused("the program " + e.getMessage());
        } catch (IOException e) {
            throw refused("the program " + program + " cannot be read: " + e.getMessage());
        }
    }

    private static boolean isIn(Path real, Path folder) {
        try {
            return real.startsWith(folder.toRealPath());
        } catch (IOException e) {
            return false; // a folder that is not there has nothing in it
        }
    }

    private static String digest(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                DigestInputStream digest = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
            digest.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static OperationException refused(String sentence) {
        return new OperationException(ExitStatus.REFUSED, sentence);
    }
}
