package dev.cprkit.vmm.run;

/**
 * The main loop as its users see it: one thread that owns devices, monitors and migration, and holds the machine lock
 * whenever it is not waiting.
 */
public interface EventLoop {
    /** poll(2): there is something to read, or the peer has ended. */
    int READABLE = 1;
    /** poll(2): there is room to write. */
    int WRITABLE = 4;
    /** poll(2): error or hang-up; always reported, never asked for. */
    int HANGUP = 0x10 | 8;

    /**
     * Calls {@code handler} on the loop's thread whenever one of {@code events} is ready on the descriptor, until the
     * watch is closed. The descriptor stays the caller's. May be called on the loop's thread or with the machine lock
     * held.
     */
    Watch watch(int fd, int events, FdHandler handler);

    /** Runs {@code action} on the loop's thread, with the machine lock held, after what it is doing now. Any thread. */
    void post(Runnable action);

    /** A clock of host time (CLOCK_MONOTONIC, ns) for time limits; it never stops. */
    Clock hostClock();

    /** What is called when a descriptor is ready. */
    @FunctionalInterface
    interface FdHandler {
        /** {@code ready} holds the poll(2) bits that are set. */
        void ready(int ready);
    }

    /** One watched descriptor. */
    interface Watch extends AutoCloseable {
        /** Changes what is waited for; 0 waits for a hang-up only. */
        void events(int events);

        /** Ends the watch; the handler is not called again. Does not close the descriptor. */
        @Override
        void close();
    }
}
