package dev.cprkit.proto.os;

import java.io.IOException;

/** A system call failed: which one, with which errno (errno(3)), and the C library's text for it. */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    public ErrnoException(String call, int errno) {
        super(call + ": " + Errno.text(errno));
        this.call = call;
        this.errno = errno;
    }

    /** The system call's name, as in its man page. */
    public String call() {
        return call;
    }

    /** The error number, one of the constants of {@link Errno} or another of errno(3). */
    public int errno() {
        return errno;
    }

    /** The C library's text for the error, without the call's name: {@code Connection refused}. */
    public String text() {
        return Errno.text(errno);
    }
}
