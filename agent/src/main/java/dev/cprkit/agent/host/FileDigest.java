package dev.cprkit.agent.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What a file is, by its bytes: their SHA-256 in hexadecimal. Any thread may call. */
public final class FileDigest {
    private static final int CHUNK = 1 << 16;

    private FileDigest() {}

    /**
     * That of a regular file.
     *
     * @throws IOException if it cannot be read, or is none: reading a pipe would wait for somebody who writes
     */
    public static String of(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is not a file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            byte[] chunk = new byte[CHUNK];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                sha.update(chunk, 0, read);
            }
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The same; empty if it cannot be told. */
    public static String ifKnown(Path file) {
        try {
            return of(file);
        } catch (IOException e) {
            return "";
        }
    }
}
