package dev.cprkit.vmm.migration.channel;

import dev.cprkit.proto.qapi.SocketAddress;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** Turns an inet address into what sockets take. Looking a name up may block. Stateless. */
final class InetEndpoints {
    private InetEndpoints() {}

    /** The hosts behind the address, in order of preference, at least one; an empty host is any, or this one. */
    static List<InetAddress> hosts(SocketAddress.Inet address, boolean toListen) throws MigrationFailure {
        if (!address.options().ipv4().orElse(true) && !address.options().ipv6().orElse(true)) {
            throw new MigrationFailure("Cannot disable IPv4 and IPv6 at same time");
        }
        boolean noV4 = !address.options().ipv4().orElse(true)
                || address.options().ipv6().orElse(false)
                        && address.options().ipv4().isEmpty();
        boolean noV6 = !address.options().ipv6().orElse(true)
                || address.options().ipv4().orElse(false)
                        && address.options().ipv6().isEmpty();
        try {
            List<InetAddress> hosts = new ArrayList<>();
            for (InetAddress host : all(address.host(), toListen)) {
                if (host instanceof Inet4Address ? !noV4 : !noV6) {
                    hosts.add(host);
                }
            }
            if (hosts.isEmpty()) {
                throw failed(address, "Address family for hostname not supported");
            }
            return hosts;
        } catch (UnknownHostException e) {
            throw failed(address, "Name or service not known");
        }
    }

    private static InetAddress[] all(String host, boolean toListen) throws UnknownHostException {
        if (host.isEmpty()) {
            return toListen
                    ? new InetAddress[] {InetAddress.getByAddress(new byte[4]), InetAddress.getByAddress(new byte[16])}
                    : new InetAddress[] {InetAddress.getLoopbackAddress()};
        }
        return InetAddress.getAllByName(host);
    }

    /** The port, 0 to 65535. */
    static int port(SocketAddress.Inet address) throws MigrationFailure {
        try {
            int port = Integer.parseInt(address.port());
            if (port >= 0 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw failed(address, "Servname not supported for ai_socktype");
        }
        throw failed(address, "the port must be a number from 0 to 65535");
    }

    private static MigrationFailure failed(SocketAddress.Inet address, String why) {
        return new MigrationFailure(
                "address resolution failed for " + address.host() + ":" + address.port() + ": " + why);
    }
}
