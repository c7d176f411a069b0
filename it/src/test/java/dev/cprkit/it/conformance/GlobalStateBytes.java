package dev.cprkit.it.conformance;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The 104 bytes of the global state (reference/qemu-cpr.md, section 3.7). */
record GlobalStateBytes(byte[] bytes) {
    static final int SIZE = 104;

    static GlobalStateBytes of(String state, boolean wasSuspended) {
        byte[] name = state.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer bytes = ByteBuffer.allocate(SIZE);
        bytes.putInt(name.length + 1).put(name);
        bytes.put(36, (byte) 1).put(37, (byte) (wasSuspended ? 1 : 0));
        return new GlobalStateBytes(bytes.array());
    }

    /** A copy of the stream that has them at that place. */
    byte[] in(byte[] stream, int at) {
        byte[] changed = stream.clone();
        System.arraycopy(bytes, 0, changed, at, SIZE);
        return changed;
    }
}
