package dev.cprkit.vmm.state;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Where state is read from: big-endian, through a buffer of 32 KiB. Reading blocks until the bytes are there, for as
 * long as the {@link Source} allows. Owned by one thread.
 */
public final class StateInput {
    private static final int BUFFER = 32768;

    /** The other end of an input. */
    public interface Source {
        /** Reads at least one byte; returns how many, or -1 at the end. Throws if it takes too long. */
        int read(byte[] into, int offset, int length) throws IOException;

        /** The descriptor at this place of the stream, in the form that this source knows; the caller owns it. */
        int readDescriptor(StateInput in) throws IOException, StateException;
    }

    private final Source source;
    private final byte[] buffer;
    private int next;
    private int end;
    private long taken;
    private boolean ended;

    private StateInput(Source source, byte[] buffer, int end) {
        this.source = source;
        this.buffer = buffer;
        this.end = end;
    }

    /** An input that reads ahead from a source. */
    public static StateInput from(Source source) {
        return new StateInput(source, new byte[BUFFER], 0);
    }

    /** An input of bytes in memory, without descriptors. */
    public static StateInput of(byte[] bytes) {
        return new StateInput(NOTHING, bytes, bytes.length);
    }

    /** An unsigned byte. */
    public int u8() throws IOException {
        need(1);
        return buffer[next++] & 0xff;
    }

    public int u16() throws IOException {
        need(2);
        int value = (buffer[next] & 0xff) << 8 | buffer[next + 1] & 0xff;
        next += 2;
        return value;
    }

    public int u32() throws IOException {
        need(4);
        int value = (buffer[next] & 0xff) << 24
                | (buffer[next + 1] & 0xff) << 16
                | (buffer[next + 2] & 0xff) << 8
                | buffer[next + 3] & 0xff;
        next += 4;
        return value;
    }

    public long u64() throws IOException {
        long high = u32();
        return high << 32 | u32() & 0xffff_ffffL;
    }

    public void bytes(byte[] into, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            need(1);
            int part = Math.min(length - done, end - next);
            System.arraycopy(buffer, next, into, offset + done, part);
            next += part;
            done += part;
        }
    }

    /** That many bytes; memory is taken as they come, so that a length that lies costs nothing. */
    public byte[] bytes(int length) throws IOException {
        byte[] bytes = new byte[Math.min(length, BUFFER)];
        int done = 0;
        while (done < length) {
            if (done == bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(length, 2L * done));
            }
            bytes(bytes, done, bytes.length - done);
            done = bytes.length;
        }
        return bytes;
    }

    public void skip(long length) throws IOException {
        long left = length;
        while (left > 0) {
            need(1);
            int part = (int) Math.min(left, end - next);
            next += part;
            left -= part;
        }
    }

    /** A text behind its length in one byte. */
    public String counted() throws IOException {
        return text(u8());
    }

    /** A text of that many bytes. */
    public String text(int length) throws IOException {
        byte[] bytes = new byte[length];
        bytes(bytes, 0, length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The byte at a distance from here, left where it is, or -1 if the stream ends before; at most 32 KiB ahead. */
    public int peek(int distance) throws IOException {
        return fill(distance + 1) ? buffer[next + distance] & 0xff : -1;
    }

    /** Whether nothing more comes. */
    public boolean atEnd() throws IOException {
        return peek(0) < 0;
    }

    /** A descriptor; the caller owns it. */
    public int descriptor() throws IOException, StateException {
        return source.readDescriptor(this);
    }

    /** How many bytes were taken so far. */
    public long position() {
        return taken + next;
    }

    /** Takes whatever was read from the source and not yet asked for. */
    public byte[] takeBuffered() {
        byte[] rest = Arrays.copyOfRange(buffer, next, end);
        next = end;
        return rest;
    }

    private void need(int bytes) throws IOException {
        if (end - next < bytes && !fill(bytes)) {
            throw new EOFException("the stream ends early");
        }
    }

    private boolean fill(int bytes) throws IOException {
        if (end - next >= bytes) {
            return true;
        }
        if (source == NOTHING) {
            return false;
        }
        System.arraycopy(buffer, next, buffer, 0, end - next);
        taken += next;
        end -= next;
        next = 0;
        while (end < bytes && !ended) {
            int n = source.read(buffer, end, buffer.length - end);
            if (n < 0) {
                ended = true;
            } else {
                end += n;
            }
        }
        return end >= bytes;
    }

    private static final Source NOTHING = new Source() {
        @Override
        public int read(byte[] into, int offset, int length) {
            return -1;
        }

        @Override
        public int readDescriptor(StateInput in) throws StateException {
            throw new StateException("memory does not support fd passing");
        }
    };
}
