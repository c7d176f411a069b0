package dev.cprkit.vmm.chardev;

/** Where a socket chardev listens or connects: QAPI's {@code SocketAddressLegacy}. */
public sealed interface SocketTarget {
    /**
     * A unix socket.
     *
     * @param path the path, or the name if {@code abstractName} (without the leading NUL)
     * @param abstractName whether the name is in the abstract namespace (unix(7))
     * @param tight for an abstract name: whether the address ends with the name (the default) or is padded with NULs
     */
    record Unix(String path, boolean abstractName, boolean tight) implements SocketTarget {
        public Unix(String path) {
            this(path, false, true);
        }
    }

    /**
     * A tcp socket.
     *
     * @param host a name or an address; empty is any address for a server and localhost for a client
     * @param port 0 to 65535; 0 lets a server's kernel choose
     * @param to the last port that a server tries; {@code port} to try only that
     * @param noDelay TCP_NODELAY
     */
    record Inet(String host, int port, int to, boolean noDelay) implements SocketTarget {
        public Inet(String host, int port) {
            this(host, port, port, false);
        }
    }

    /** A descriptor that this process inherited, by its number: a listening socket for a server, else a connection. */
    record Fd(int fd) implements SocketTarget {}
}
