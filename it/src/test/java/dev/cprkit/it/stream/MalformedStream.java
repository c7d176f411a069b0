package dev.cprkit.it.stream;

/** A stream is not what the reference says. */
public final class MalformedStream extends RuntimeException {
    private static final long serialVersionUID = 1;

    MalformedStream(int at, String what) {
        super("at byte " + at + ": " + what);
    }
}
