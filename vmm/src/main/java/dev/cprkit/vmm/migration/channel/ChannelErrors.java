package dev.cprkit.vmm.migration.channel;

import dev.cprkit.proto.os.Errno;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.qapi.SocketAddress;

/** What QEMU 11.1 says of addresses that lead nowhere (reference/qemu-cpr.md, section 1.4). Stateless. */
final class ChannelErrors {
    private static final String FDSET = "/dev/fdset/";

    private ChannelErrors() {}

    /** A file could not be opened; {@code what} was tried, "Could not create" for example. */
    static MigrationFailure file(String what, String name, ErrnoException e) {
        if (name.startsWith(FDSET) && !isNumber(name.substring(FDSET.length()))) {
            return new MigrationFailure("Could not parse fdset " + name);
        }
        if (name.startsWith(FDSET) && e.errno() == Errno.ENOENT) {
            return new MigrationFailure("Failed to find fdset " + name);
        }
        return new MigrationFailure(what + " '" + name + "': " + e.text());
    }

    /** A command could not be started; the JDK's text ends with the host's reason. */
    static MigrationFailure command(String program, String message) {
        String text = message.strip();
        int open = text.lastIndexOf('(');
        int comma = text.lastIndexOf(", ");
        String reason = open >= 0 && text.endsWith(")")
                ? text.substring(open + 1, text.length() - 1)
                : comma >= 0 ? text.substring(comma + 2) : text;
        return new MigrationFailure("Failed to execute child process “" + program + "” (" + reason + ")");
    }

    /** There is no vsock here; but first, as QEMU does, the address must be one. */
    static MigrationFailure vsock(SocketAddress.Vsock address) {
        if (!isNumber(address.cid())) {
            return new MigrationFailure("Failed to parse cid '" + address.cid() + "'");
        }
        if (!isNumber(address.port())) {
            return new MigrationFailure("Failed to parse port '" + address.port() + "'");
        }
        return new MigrationFailure("vsock channels are not supported; use unix or tcp");
    }

    private static boolean isNumber(String text) {
        try {
            return Integer.toUnsignedString(Integer.parseUnsignedInt(text)).equals(text);
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
