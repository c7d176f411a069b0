package dev.cprkit.vmm.device.uart;

import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.VmState;

/** A 16550's receive FIFO: 16 bytes in a ring. Called with the machine lock held. */
final class ByteFifo {
    static final int CAPACITY = 16;

    static final VmState<ByteFifo> STATE = VmState.<ByteFifo>of("Fifo8", 1)
            .buffer("data", CAPACITY, f -> f.data)
            .u32("head", f -> f.head, (f, v) -> f.head = (int) v)
            .u32("num", f -> f.count, (f, v) -> f.count = (int) v)
            .postLoad((f, version) -> f.check())
            .build();

    private final byte[] data = new byte[CAPACITY];
    private int head;
    private int count;

    int size() {
        return count;
    }

    boolean isFull() {
        return count == CAPACITY;
    }

    void add(int value) {
        data[(head + count) % CAPACITY] = (byte) value;
        count++;
    }

    int take() {
        int value = data[head] & 0xff;
        head = (head + 1) % CAPACITY;
        count--;
        return value;
    }

    void clear() {
        head = 0;
        count = 0;
    }

    private void check() throws StateException {
        if (head < 0 || head >= CAPACITY || count < 0 || count > CAPACITY) {
            throw new StateException("a FIFO of " + CAPACITY + " bytes cannot hold " + Integer.toUnsignedString(count)
                    + " bytes from position " + Integer.toUnsignedString(head));
        }
    }
}
