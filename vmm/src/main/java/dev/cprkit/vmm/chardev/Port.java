package dev.cprkit.vmm.chardev;

import dev.cprkit.proto.os.ErrnoException;

/** Open descriptors of one connection, and the calls that move bytes through them without ever blocking. */
interface Port {
    /** The descriptor to read from, or -1 if there is no input. */
    int in();

    /** The descriptor to write to, or -1; the same as {@link #in} for a socket. */
    int out();

    /** Reads up to {@code buffer.length} bytes; the count, 0 at the end, -1 if there is nothing now. */
    int read(byte[] buffer, int length) throws ErrnoException;

    /** Writes; the count written, or -1 if there is no room now. */
    int write(byte[] bytes, int offset, int length) throws ErrnoException;

    /** Closes the descriptors. */
    void close();
}
