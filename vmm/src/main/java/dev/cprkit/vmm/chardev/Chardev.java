package dev.cprkit.vmm.chardev;

/**
 * The host's end of a serial line or a monitor. Used on the main loop's thread, with the machine lock held; {@link #write}
 * also from a vCPU thread that holds the lock.
 */
public interface Chardev {
    /** Its id on the command line and in query-chardev. */
    String label();

    /** Where it leads, as QEMU shows it: {@code unix:/path,server=on}, {@code stdio}, {@code file}. */
    String filename();

    /** Whether a device or monitor is attached and open. */
    boolean frontendOpen();

    /** Attaches the one frontend. */
    void attach(Frontend frontend);

    /** Lets go of the frontend, if there is one: from here on nobody is told anything, and input waits in the host. */
    void detach();

    /**
     * Sends bytes to the host. They are queued without limit of time but with a limit of space: when nobody reads, a
     * serial line drops what does not fit and a monitor's peer is disconnected; the guest never blocks on its console.
     */
    void write(byte[] bytes, int offset, int length);

    /** How many bytes wait to be taken by the host. */
    default int queued() {
        return 0;
    }

    /** Tells the frontend of a break (chardev-send-break). */
    default void sendBreak() {}

    /** Whether other frontends share it ({@code mux=on}). */
    default boolean isShared() {
        return false;
    }

    /** Asks for more input after {@link Frontend#canReceive} had returned 0. */
    void acceptInput();

    /** Takes the descriptors that came with the last input (SCM_RIGHTS); the caller owns them. Empty if none. */
    default int[] takeDescriptors() {
        return new int[0];
    }

    /** Drops the peer of a connection-oriented chardev; a server then listens for the next. No effect on others. */
    default void disconnect() {}

    /** Writes what waits for the host, as much as it takes until {@link System#nanoTime} reaches the deadline. */
    default void flush(long deadline) {}

    /** Another program follows in this process: puts a terminal's settings back, or ({@code false}) takes it again. */
    default void lendTerminal(boolean lend) {}

    /** Flushes what it can without waiting and releases descriptors, socket files and watches. */
    void close();

    /** The guest's or monitor's end. Called on the main loop's thread with the machine lock held. */
    interface Frontend {
        /** How many bytes {@link #receive} takes now; 0 stops the reading of input until {@link #acceptInput}. */
        int canReceive();

        /** Input from the host. */
        void receive(byte[] bytes, int length);

        /** A peer connected (or the chardev is always open). */
        default void opened() {}

        /** The peer is gone. */
        default void closed() {}

        /** How many bytes may wait for the host before output is dropped and {@link #overflowed} is called. */
        default int outputLimit() {
            return 64 << 10;
        }

        /** Output was dropped because too much of it waits. */
        default void overflowed() {}

        /** Nothing waits any more. */
        default void drained() {}

        /** The host sends a break: its end of a serial line is held low. */
        default void lineBroke() {}

        /** Whether another chardev may take the place of the one it is attached to; monitors bear none. */
        default boolean bearsExchange() {
            return false;
        }

        /** A shared chardev's input now comes here, or no longer does. Never called where there is no sharing. */
        default void focus(boolean here) {}

        /** Whether it takes the input of a shared chardev when it is attached; monitors do not. */
        default boolean wantsFocus() {
            return true;
        }
    }
}
