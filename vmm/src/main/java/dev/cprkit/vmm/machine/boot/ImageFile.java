package dev.cprkit.vmm.machine.boot;

import dev.cprkit.vmm.memory.GuestMemory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that the user named, held open: a reset loads it again, whatever has become of its name meanwhile. Used by one
 * thread at a time; {@link #close} gives the descriptor back.
 */
final class ImageFile implements AutoCloseable {
    private static final int CHUNK = 256 << 10;

    private final String what;
    private final Path path;
    private final RandomAccessFile file;
    private final long size;

    private ImageFile(String what, Path path, RandomAccessFile file, long size) {
        this.what = what;
        this.path = path;
        this.file = file;
        this.size = size;
    }

    /** @param what kernel, firmware, initrd: what errors call it */
    static ImageFile open(String what, Path path) throws BootException {
        if (!Files.exists(path)) {
            throw new BootException("could not load " + what + " '" + path + "': No such file or directory");
        }
        if (Files.isDirectory(path)) {
            throw new BootException("could not load " + what + " '" + path + "': Is a directory");
        }
        try {
            RandomAccessFile file = new RandomAccessFile(path.toFile(), "r");
            ImageFile image = new ImageFile(what, path, file, file.length());
            if (image.size == 0) {
                file.close();
                throw image.refuse("the file is empty");
            }
            return image;
        } catch (IOException e) {
            throw new BootException("could not load " + what + " '" + path + "': " + reason(e, path), e);
        }
    }

    /** The JDK's text is {@code PATH (Permission denied)}; the path is already in our sentence. */
    private static String reason(IOException e, Path path) {
        String text = String.valueOf(e.getMessage());
        String prefix = path + " (";
        return text.startsWith(prefix) && text.endsWith(")")
                ? text.substring(prefix.length(), text.length() - 1)
                : text;
    }

    /** Its path as the user gave it. */
    String name() {
        return path.toString();
    }

    long size() {
        return size;
    }

    /** An error about this file. */
    BootException refuse(String why) {
        return new BootException("could not load " + what + " '" + path + "': " + why);
    }

    /** {@code length} bytes at an offset, fewer if the file ends before. */
    byte[] read(long offset, int length) throws BootException {
        byte[] bytes = new byte[(int) Math.max(0, Math.min(length, size - offset))];
        try {
            file.seek(offset);
            file.readFully(bytes);
            return bytes;
        } catch (IOException e) {
            throw new BootException("could not load " + what + " '" + path + "': it ends before it should", e);
        }
    }

    /** Copies a part of the file into guest memory, in pieces. */
    void copy(long offset, long length, GuestMemory memory, long address) throws BootException {
        byte[] chunk = new byte[(int) Math.min(CHUNK, length)];
        try {
            file.seek(offset);
            for (long done = 0; done < length; ) {
                int piece = (int) Math.min(chunk.length, length - done);
                file.readFully(chunk, 0, piece);
                if (!memory.write(address + done, chunk, 0, piece)) {
                    throw refuse("guest address 0x" + Long.toHexString(address + done) + " is not RAM");
                }
                done += piece;
            }
        } catch (IOException e) {
            throw new BootException("could not load " + what + " '" + path + "': it has changed while it was used", e);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new AssertionError("closing a file that was only read", e);
        }
    }
}
