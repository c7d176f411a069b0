package dev.cprkit.vmm.device.uart;

import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.VmState;

/**
 * A 16550's receive FIFO: 16 bytes in a ring, and the time-out that tells of bytes that nobody fetches. It runs out four
 * character times after the last byte came or was taken. Called with the machine lock held.
 */
final class ReceiveFifo {
    static final int CAPACITY = 16;

    /** The bytes; the time-out has places of its own in the UART's declaration. */
    static final VmState<ReceiveFifo> STATE = VmState.<ReceiveFifo>of("Fifo8", 1)
            .buffer("data", CAPACITY, f -> f.data)
            .u32("head", f -> f.head, (f, v) -> f.head = (int) v)
            .u32("num", f -> f.count, (f, v) -> f.count = (int) v)
            .postLoad((f, version) -> f.check())
            .build();

    private static final int CHARACTERS = 4;
    private static final long MAX_TIMEOUT = 1_000_000_000L;

    private final Clock clock;
    private final Clock.Timer timer;
    private final byte[] data = new byte[CAPACITY];
    private int head;
    private int count;
    private boolean timedOut;

    /** @param onTimeout called when {@link #hasTimedOut} has become true */
    ReceiveFifo(Clock clock, Runnable onTimeout) {
        this.clock = clock;
        this.timer = clock.timer(() -> {
            if (count > 0) {
                timedOut = true;
                onTimeout.run();
            }
        });
    }

    int size() {
        return count;
    }

    boolean isFull() {
        return count == CAPACITY;
    }

    boolean hasTimedOut() {
        return timedOut;
    }

    /**
     * Adds a byte and starts the time-out.
     *
     * @param character how long a character takes on the line, in ns
     * @return false if there is no room for the byte
     */
    boolean add(int value, long character) {
        startTimeout(character);
        if (isFull()) {
            return false;
        }
        data[(head + count) % CAPACITY] = (byte) value;
        count++;
        return true;
    }

    /** Takes the oldest byte, or 0 if there is none, and starts the time-out for the rest. */
    int take(long character) {
        timedOut = false;
        if (count == 0) {
            return 0;
        }
        int value = data[head] & 0xff;
        head = (head + 1) % CAPACITY;
        count--;
        if (count == 0) {
            timer.cancel();
        } else {
            startTimeout(character);
        }
        return value;
    }

    void clear() {
        head = 0;
        count = 0;
        timedOut = false;
        timer.cancel();
    }

    private void startTimeout(long character) {
        timer.arm(clock.now() + Math.min(MAX_TIMEOUT, CHARACTERS * character));
    }

    /** When the time-out runs out, in ns, or -1. */
    long deadline() {
        return timer.deadline();
    }

    /** Sets the time-out as it was in another process. */
    void loadDeadline(long deadline) {
        if (deadline >= 0) {
            timer.arm(deadline);
        }
    }

    /** Sets what {@link #hasTimedOut} was in another process. */
    void loadTimedOut(boolean value) {
        timedOut = value;
    }

    private void check() throws StateException {
        if (head < 0 || head >= CAPACITY || count < 0 || count > CAPACITY) {
            throw new StateException("a FIFO of " + CAPACITY + " bytes cannot hold " + Integer.toUnsignedString(count)
                    + " bytes from position " + Integer.toUnsignedString(head));
        }
    }
}
