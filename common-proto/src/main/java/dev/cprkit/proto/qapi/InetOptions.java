package dev.cprkit.proto.qapi;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * The optional members of an inet {@link SocketAddress}. Immutable.
 *
 * @param numeric host and port are numbers, nothing is looked up
 * @param to the highest port to try when listening
 * @param ipv4 allow (or refuse) IPv4
 * @param ipv6 allow (or refuse) IPv6
 * @param keepAlive send keep-alive probes
 * @param keepAliveCount probes before the connection is given up
 * @param keepAliveIdle seconds of silence before the first probe
 * @param keepAliveInterval seconds between probes
 * @param mptcp use multipath TCP
 */
public record InetOptions(
        Optional<Boolean> numeric,
        OptionalInt to,
        Optional<Boolean> ipv4,
        Optional<Boolean> ipv6,
        Optional<Boolean> keepAlive,
        OptionalInt keepAliveCount,
        OptionalInt keepAliveIdle,
        OptionalInt keepAliveInterval,
        Optional<Boolean> mptcp) {
    /** No option given. */
    public static final InetOptions NONE = new InetOptions(
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty());
}
