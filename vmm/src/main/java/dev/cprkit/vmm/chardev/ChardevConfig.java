package dev.cprkit.vmm.chardev;

import java.util.Optional;

/** What a {@code -chardev} option asks for. */
public sealed interface ChardevConfig {
    /** The id: its label in query-chardev, and the name by which devices and monitors ask for it. */
    String id();

    /** What it has in common with the other kinds. */
    ChardevOptions options();

    /**
     * The process's standard input and output.
     *
     * @param signal whether Ctrl-C and the like raise signals; otherwise they go to the guest
     */
    record Stdio(String id, boolean signal, ChardevOptions options) implements ChardevConfig {}

    /**
     * Output to a file.
     *
     * @param path the file
     * @param append whether to keep what it holds; otherwise it is emptied
     * @param inputPath a file that is read as the input
     */
    record File(String id, String path, boolean append, Optional<String> inputPath, ChardevOptions options)
            implements ChardevConfig {}

    /**
     * A stream socket.
     *
     * @param server whether it listens; otherwise it connects
     * @param waitForClient for a server: whether opening waits for the first client
     * @param reconnectMs for a client: how long after a loss to connect again, in ms; 0 never
     * @param telnet whether the telnet protocol was asked for, which is refused when the chardev is opened
     */
    record Socket(
            String id,
            SocketTarget target,
            boolean server,
            boolean waitForClient,
            long reconnectMs,
            boolean telnet,
            ChardevOptions options)
            implements ChardevConfig {}

    /**
     * A pseudo-terminal, for another program to open.
     *
     * @param link where a symbolic link to it is made
     */
    record Pty(String id, Optional<String> link, ChardevOptions options) implements ChardevConfig {}

    /**
     * A pair of fifos, {@code PATH.in} and {@code PATH.out}, or one fifo or device that is read and written.
     *
     * @param path without the suffixes
     */
    record Pipe(String id, String path, ChardevOptions options) implements ChardevConfig {}

    /**
     * Memory that keeps the last output until a monitor reads it.
     *
     * @param size in bytes; 0 for 64 KiB
     * @param name what the kind was called: {@code ringbuf}, or {@code memory}, its older name
     */
    record Ringbuf(String id, long size, String name, ChardevOptions options) implements ChardevConfig {}

    /** Nowhere: output is thrown away and there is no input. */
    record Null(String id, ChardevOptions options) implements ChardevConfig {}
}
