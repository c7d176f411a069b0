package dev.cprkit.vmm.chardev;

import dev.cprkit.vmm.run.EventLoop;

/**
 * Keeps the last output in memory, for a monitor to read it (ringbuf-read): what does not fit pushes out the oldest. There
 * is no input.
 */
public final class RingbufChardev extends BaseChardev {
    private static final int DEFAULT_SIZE = 64 << 10;
    private static final int MAX_SIZE = 1 << 30;

    private final String name;
    private final byte[] ring;
    // Counts of bytes that came and went; the ring's size is a power of two, so their low bits are the places.
    private long written;
    private long taken;

    /** @throws ChardevException if the size is no power of two, or too large to be kept */
    public RingbufChardev(ChardevConfig.Ringbuf config) throws ChardevException {
        super(config.id(), config.options().log());
        long size = config.size() == 0 ? DEFAULT_SIZE : config.size();
        if (Long.bitCount(size) != 1) {
            close();
            throw new ChardevException("size of ringbuf chardev must be power of two");
        }
        if (size < 0 || size > MAX_SIZE) {
            close();
            throw new ChardevException("size of ringbuf chardev must be 1 GiB at most");
        }
        this.name = config.name();
        this.ring = new byte[(int) size];
    }

    @Override
    public String filename() {
        return name;
    }

    @Override
    public void acceptInput() {}

    @Override
    void moveTo(EventLoop loop) {}

    /** Takes up to that many of the oldest bytes. */
    public byte[] take(long most) {
        byte[] bytes = new byte[(int) Math.min(most, written - taken)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = ring[(int) taken++ & ring.length - 1];
        }
        return bytes;
    }

    @Override
    void attached(Frontend end) {
        end.opened();
    }

    @Override
    void transmit(byte[] bytes, int offset, int length) {
        for (int i = 0; i < length; i++) {
            ring[(int) written++ & ring.length - 1] = bytes[offset + i];
        }
        taken = Math.max(taken, written - ring.length);
    }
}
