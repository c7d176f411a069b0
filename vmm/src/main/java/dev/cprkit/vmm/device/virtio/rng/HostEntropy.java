package dev.cprkit.vmm.device.virtio.rng;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/**
 * Random bytes from a file of the host, by default the kernel's (random(4)): cryptographically strong and never
 * blocking. Read directly, because loading the JDK's security providers takes longer than the rest of a start.
 *
 * <p>Any thread. A source that fails or ends makes the methods throw {@link UncheckedIOException}.
 */
public final class HostEntropy implements RandomGenerator, AutoCloseable {
    /** What {@code -object rng-random} reads unless it is told otherwise. */
    public static final Path DEFAULT = Path.of("/dev/urandom");

    private final Path path;
    private final RandomAccessFile source;

    /**
     * Opens the source; a path that blocks when it is read makes the guest's machine wait.
     *
     * @throws IOException with a sentence for the user
     */
    public HostEntropy(Path path) throws IOException {
        this.path = path;
        try {
            this.source = new RandomAccessFile(path.toFile(), "r");
        } catch (IOException e) {
            throw new IOException("cannot open the source of entropy: " + e.getMessage(), e);
        }
    }

    @Override
    public void nextBytes(byte[] bytes) {
        try {
            source.readFully(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the source of entropy " + path + ": " + e.getMessage(), e);
        }
    }

    @Override
    public long nextLong() {
        byte[] bytes = new byte[Long.BYTES];
        nextBytes(bytes);
        long value = 0;
        for (byte b : bytes) {
            value = value << 8 | (b & 0xff);
        }
        return value;
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
