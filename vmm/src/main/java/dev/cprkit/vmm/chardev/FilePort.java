package dev.cprkit.vmm.chardev;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;

/** Two descriptors of files, pipes or terminals, which it owns; either may be -1. */
final class FilePort implements Port {
    private final int in;
    private final int out;
    private final int maxWrite;

    /** @param maxWrite the most bytes for one write, for a descriptor that blocks when it is given more than fits */
    FilePort(int in, int out, int maxWrite) {
        this.in = in;
        this.out = out;
        this.maxWrite = maxWrite;
    }

    @Override
    public int in() {
        return in;
    }

    @Override
    public int out() {
        return out;
    }

    @Override
    public int read(byte[] buffer, int length) throws ErrnoException {
        return Fds.read(in, buffer, 0, length);
    }

    @Override
    public int write(byte[] bytes, int offset, int length) throws ErrnoException {
        return Fds.write(out, bytes, offset, Math.min(length, maxWrite));
    }

    @Override
    public void close() {
        if (in >= 0) {
            Fds.close(in);
        }
        if (out >= 0 && out != in) {
            Fds.close(out);
        }
    }
}
