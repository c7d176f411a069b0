package dev.cprkit.agent.update;

import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.operation.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Which file a program is, and what is in it. */
final class ProgramFile {
    private static final int CHUNK = 1 << 16;

    private ProgramFile() {}

    /** The one that a process runs: what it was started from, even if another file is at that path by now. */
    static Operation.Program running(OldVm old) {
        Path path = pathOf(old.program());
        boolean replaced = old.facts().executable().toString().equals(path + " (deleted)");
        Path image = Path.of("/proc", Long.toString(old.process().pid()), "exe"); // is there all the same
        return new Operation.Program(
                path, digest(replaced ? image : path), old.version().toString());
    }

    /** One that is named. */
    static Operation.Program named(Program program, String version) {
        Path path = pathOf(program);
        return new Operation.Program(path, digest(path), version);
    }

    /**
     * The program itself where it was started by naming the dynamic loader, or what the loader was told to call it, which
     * then is the script that knows how to start it; a launcher where one starts a JVM.
     */
    private static Path pathOf(Program program) {
        int called = program.words().indexOf("--argv0") + 1;
        if (called > 0
                && called < program.words().size()
                && program.words().get(called).startsWith("/")) {
            return Path.of(program.words().get(called));
        }
        Path last = Path.of(program.words().getLast());
        return last.isAbsolute() ? last : Path.of(program.words().getFirst());
    }

    /** In hexadecimal; empty if it cannot be read. */
    static String digest(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            DigestInputStream digesting = new DigestInputStream(in, digest);
            byte[] buffer = new byte[CHUNK];
            while (digesting.read(buffer) >= 0) {}
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            return "";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
