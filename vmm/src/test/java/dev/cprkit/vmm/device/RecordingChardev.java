package dev.cprkit.vmm.device;

import dev.cprkit.vmm.chardev.Chardev;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** A chardev whose host is the test: it keeps what the guest sent, and offers input as the frontend takes it. */
public final class RecordingChardev implements Chardev {
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final Deque<Byte> input = new ArrayDeque<>();
    private Frontend frontend;

    /** What the guest has sent since the last call. */
    public String takeSent() {
        String text = sent.toString(StandardCharsets.ISO_8859_1);
        sent.reset();
        return text;
    }

    /** The host types. */
    public void type(String text) {
        for (byte b : text.getBytes(StandardCharsets.ISO_8859_1)) {
            input.add(b);
        }
        acceptInput();
    }

    /** Bytes that the guest has not taken yet. */
    public int waiting() {
        return input.size();
    }

    @Override
    public String label() {
        return "serial0";
    }

    @Override
    public String filename() {
        return "test";
    }

    @Override
    public boolean frontendOpen() {
        return frontend != null;
    }

    @Override
    public void attach(Frontend end) {
        frontend = end;
    }

    @Override
    public void detach() {
        frontend = null;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        sent.write(bytes, offset, length);
    }

    @Override
    public void acceptInput() {
        while (frontend != null && !input.isEmpty()) {
            int room = Math.min(frontend.canReceive(), input.size());
            if (room == 0) {
                return;
            }
            byte[] bytes = new byte[room];
            for (int i = 0; i < room; i++) {
                bytes[i] = input.remove();
            }
            frontend.receive(bytes, room);
        }
    }

    @Override
    public void close() {}
}
