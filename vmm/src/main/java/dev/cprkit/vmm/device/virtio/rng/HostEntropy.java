package dev.cprkit.vmm.device.virtio.rng;

import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.random.RandomGenerator;

/**
 * The host kernel's random numbers (random(4)): cryptographically strong and never blocking. Read directly, because
 * loading the JDK's security providers takes longer than the rest of a start. Any thread.
 */
public final class HostEntropy implements RandomGenerator {
    private static final String SOURCE = "/dev/urandom";

    @Override
    public void nextBytes(byte[] bytes) {
        try (DataInputStream source = new DataInputStream(new FileInputStream(SOURCE))) {
            source.readFully(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + SOURCE + ": " + e.getMessage(), e);
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
}
