package dev.cprkit.vmm.chardev;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;

/** One frontend's end of a {@link MuxChardev}, with the input that it has not taken yet. */
final class MuxChannel implements Chardev {
    private final MuxChardev mux;
    private final Chardev base;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private Optional<Frontend> frontend = Optional.empty();

    MuxChannel(MuxChardev mux, Chardev base) {
        this.mux = mux;
        this.base = base;
    }

    @Override
    public String label() {
        return mux.label();
    }

    @Override
    public String filename() {
        return "mux";
    }

    @Override
    public boolean frontendOpen() {
        return frontend.isPresent();
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public void attach(Frontend end) {
        if (frontend.isPresent()) {
            throw new IllegalStateException("a channel of chardev " + label() + " has a frontend already");
        }
        frontend = Optional.of(end);
        mux.attached(this, end);
    }

    @Override
    public void detach() {
        frontend = Optional.empty();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        mux.write(bytes, offset, length);
    }

    @Override
    public int queued() {
        return base.queued();
    }

    @Override
    public void acceptInput() {
        byte[] waiting = pending.toByteArray();
        pending.reset();
        input(waiting, 0, waiting.length);
        base.acceptInput();
    }

    /** The base belongs to the registry, which closes it. */
    @Override
    public void close() {}

    Optional<Frontend> frontend() {
        return frontend;
    }

    int outputLimit() {
        return frontend.isPresent() ? frontend.get().outputLimit() : 0;
    }

    int pending() {
        return pending.size();
    }

    /** Hands over what the frontend takes now and keeps the rest. */
    void input(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && pending.size() == 0 && frontend.isPresent()) {
            int length = Math.min(to - at, frontend.get().canReceive());
            if (length <= 0) {
                break;
            }
            frontend.get().receive(Arrays.copyOfRange(bytes, at, at + length), length);
            at += length;
        }
        pending.write(bytes, at, to - at);
    }
}
