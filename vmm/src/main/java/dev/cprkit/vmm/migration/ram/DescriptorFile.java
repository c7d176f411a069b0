package dev.cprkit.vmm.migration.ram;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.vmm.os.FilePositions;
import java.io.EOFException;
import java.io.IOException;

/**
 * A file as a descriptor whose position is the stream's. The descriptor stays the caller's.
 *
 * @param fd open for reading, or for writing, or both; not O_APPEND
 */
public record DescriptorFile(int fd) implements PageFile {
    @Override
    public long position() throws IOException {
        try {
            return FilePositions.position(fd);
        } catch (ErrnoException e) {
            throw new IOException("Unable to find the position in the file: " + Errno.text(e.errno()), e);
        }
    }

    @Override
    public void seek(long offset) throws IOException {
        try {
            FilePositions.seek(fd, offset);
        } catch (ErrnoException e) {
            throw new IOException("Unable to go to offset " + offset + " of the file: " + Errno.text(e.errno()), e);
        }
    }

    @Override
    public void write(long offset, long host, long length) throws IOException {
        try {
            FilePositions.write(fd, offset, host, length);
        } catch (ErrnoException e) {
            throw new IOException("Unable to write to file: " + Errno.text(e.errno()), e);
        }
    }

    @Override
    public void read(long offset, long host, long length) throws IOException {
        long done;
        try {
            done = FilePositions.read(fd, offset, host, length);
        } catch (ErrnoException e) {
            throw new IOException("Unable to read from file: " + Errno.text(e.errno()), e);
        }
        if (done < length) {
            throw new EOFException("the file ends before the " + length + " bytes that should be at offset " + offset);
        }
    }
}
