package dev.cprkit.vmm.migration.channel;

import java.io.IOException;
import java.util.OptionalInt;

/**
 * Where the main stream goes: a socket, a pipe or a file. Whoever got it owns it and closes it.
 *
 * <p>All methods but {@link #write} are called on the main loop's thread and never hold it up; their listeners are told
 * there. One thing at a time: what was begun must have been reported before the next thing is begun, except for
 * {@link #close}.
 */
public interface OutgoingChannel {
    /** What is told when something is over, perhaps before the call that began it returns. */
    interface Listener {
        /** It worked. */
        void done();

        /** It did not; the text is for the user, and nothing more can be sent. */
        void failed(String reason);
    }

    /** Work that writes to the channel for a long time. */
    @FunctionalInterface
    interface Job {
        /** Runs on the channel's own thread, may block, and ends soon after {@link OutgoingChannel#close}. */
        void run() throws IOException;
    }

    /** Sends all the bytes. */
    void send(byte[] bytes, Listener listener);

    /** Runs a job on the channel's own thread, where it may {@link #write}. */
    void run(Job job, Listener listener);

    /** Writes bytes, waiting for room; on the channel's own thread only. Throws if the peer is gone or falls silent. */
    void write(byte[] bytes, int offset, int length) throws IOException;

    /** Ends the stream: when that is done, everything that was sent is where it shall be for good. */
    void finish(Listener listener);

    /** The socket to read the peer's answers from; empty if the channel leads one way. It stays the channel's. */
    OptionalInt returnPath();

    /** Gives the channel up, at any time and more than once. What was not finished leaves nothing behind. */
    void close();
}
