package dev.cprkit.agent.host;

import java.time.Duration;

/** A process of this host, whether this one started it or not. Any thread may call. */
public interface HostProcess {
    /** Its id. The kernel may give it to another process after it ended; this object does not confuse the two. */
    long pid();

    boolean isAlive();

    /**
     * Whether it is still there after a connection to it ended. One that ends closes its sockets a moment before it is
     * gone, so this waits that moment, at most half a second; the answer for one that only hung up comes that late.
     */
    default boolean outlivesItsSockets() {
        return !awaitEnd(Duration.ofMillis(500));
    }

    /** Asks it to end (SIGTERM). */
    void terminate();

    /** Ends it (SIGKILL). */
    void kill();

    /** Waits until it has ended; false if it has not within {@code limit}. */
    boolean awaitEnd(Duration limit);

    /** How it ended, for people: {@code exit status 1}; empty while it runs, or where the kernel does not tell us. */
    String ending();
}
