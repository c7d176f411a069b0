package dev.cprkit.it.stream;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.TreeMap;

/** A place in a stream's bytes, from which big-endian values are taken one after the other. One thread. */
final class StreamBytes {
    private final byte[] bytes;
    private final NavigableMap<Integer, String> marks = new TreeMap<>();
    private int at;

    StreamBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    int at() {
        return at;
    }

    /** Says what the bytes from here on are, up to the next mark. */
    StreamBytes mark(String what) {
        marks.put(at, what);
        return this;
    }

    /** What was said of the bytes, by where they begin. */
    NavigableMap<Integer, String> marks() {
        return marks;
    }

    void seek(int to) {
        if (to < 0 || to > bytes.length) {
            throw new MalformedStream(at, "it names byte " + to + " of " + bytes.length);
        }
        at = to;
    }

    boolean atEnd() {
        return at == bytes.length;
    }

    /** The next byte without taking it; -1 at the end. */
    int peek() {
        return atEnd() ? -1 : bytes[at] & 0xFF;
    }

    int u8() {
        return (int) unsigned(1);
    }

    int u16() {
        return (int) unsigned(2);
    }

    /** 32 bits, of which values beyond a Java int's do not occur where it is asked. */
    int u32() {
        return (int) unsigned(4);
    }

    long u64() {
        return unsigned(8);
    }

    private long unsigned(int size) {
        long value = 0;
        for (byte b : take(size)) {
            value = value << 8 | b & 0xFF;
        }
        return value;
    }

    byte[] take(int length) {
        if (length < 0 || length > bytes.length - at) {
            throw new MalformedStream(at, length + " bytes are announced and " + (bytes.length - at) + " are left");
        }
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    String text(int length) {
        return new String(take(length), StandardCharsets.UTF_8);
    }

    /** A string behind its length in one byte. */
    String counted() {
        return text(u8());
    }

    void expect(boolean right, String otherwise) {
        if (!right) {
            throw new MalformedStream(at, otherwise);
        }
    }
}
