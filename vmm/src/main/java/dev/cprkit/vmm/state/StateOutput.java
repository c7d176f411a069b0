package dev.cprkit.vmm.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Where state is written: big-endian, collected in a buffer of 32 KiB that goes to a {@link Sink}, or all of it in
 * memory. Owned by one thread.
 */
public final class StateOutput {
    private static final int BUFFER = 32768;

    /** The other end of an output. */
    public interface Sink {
        /** Takes all the bytes, or throws. */
        void write(byte[] bytes, int offset, int length) throws IOException;

        /** Takes a descriptor in the form that this sink knows: attached to a byte of its own, or as its number. */
        void writeDescriptor(int fd) throws IOException;
    }

    private final Sink sink;
    private byte[] buffer;
    private int used;
    private long flushed;

    private StateOutput(Sink sink, int size) {
        this.sink = sink;
        this.buffer = new byte[size];
    }

    /** An output that sends whatever fills its buffer. */
    public static StateOutput to(Sink sink) {
        return new StateOutput(sink, BUFFER);
    }

    /** An output that keeps everything; take it with {@link #toByteArray}. It cannot take descriptors. */
    public static StateOutput toMemory() {
        return new StateOutput(MEMORY, BUFFER / 8);
    }

    public void u8(int value) throws IOException {
        room(1);
        buffer[used++] = (byte) value;
    }

    public void u16(int value) throws IOException {
        room(2);
        buffer[used++] = (byte) (value >> 8);
        buffer[used++] = (byte) value;
    }

    public void u32(int value) throws IOException {
        room(4);
        buffer[used++] = (byte) (value >> 24);
        buffer[used++] = (byte) (value >> 16);
        buffer[used++] = (byte) (value >> 8);
        buffer[used++] = (byte) value;
    }

    public void u64(long value) throws IOException {
        u32((int) (value >> 32));
        u32((int) value);
    }

    public void bytes(byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            room(1);
            int part = Math.min(length - done, buffer.length - used);
            System.arraycopy(bytes, offset + done, buffer, used, part);
            used += part;
            done += part;
        }
    }

    public void zeros(int length) throws IOException {
        for (int i = 0; i < length; i++) {
            u8(0);
        }
    }

    /** A text of at most 255 bytes behind its length in one byte. */
    public void counted(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 255) {
            throw new IOException("the name '" + text + "' is longer than the 255 bytes that the stream can carry");
        }
        u8(bytes.length);
        bytes(bytes, 0, bytes.length);
    }

    /** A descriptor, after everything that was written before it. */
    public void descriptor(int fd) throws IOException {
        flush();
        sink.writeDescriptor(fd);
    }

    /** How many bytes were written so far; those that carry descriptors are not counted. */
    public long position() {
        return flushed + used;
    }

    /** Hands everything to the sink. Of an output to memory, nothing. */
    public void flush() throws IOException {
        if (sink != MEMORY && used > 0) {
            sink.write(buffer, 0, used);
            flushed += used;
            used = 0;
        }
    }

    /** Everything that was written to memory. */
    public byte[] toByteArray() {
        if (sink != MEMORY) {
            throw new IllegalStateException("this output does not keep what was written");
        }
        return Arrays.copyOf(buffer, used);
    }

    private void room(int bytes) throws IOException {
        if (buffer.length - used >= bytes) {
            return;
        }
        if (sink == MEMORY) {
            buffer = Arrays.copyOf(buffer, 2 * buffer.length);
        } else {
            flush();
        }
    }

    private static final Sink MEMORY = new Sink() {
        @Override
        public void write(byte[] bytes, int offset, int length) {
            throw new IllegalStateException("an output to memory is never flushed");
        }

        @Override
        public void writeDescriptor(int fd) throws IOException {
            throw new IOException("a descriptor cannot be written to memory");
        }
    };
}
