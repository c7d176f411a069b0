package dev.cprkit.vmm.cli;

import dev.cprkit.proto.qapi.AddressException;
import dev.cprkit.proto.qapi.InetOptions;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.MigrationChannel;
import dev.cprkit.proto.qapi.MigrationUri;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.machine.config.IncomingConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** {@code -incoming}, in all its forms (reference/qemu-cpr.md, 1.5). For each type of channel the last option counts. */
final class IncomingOptions {
    private Optional<IncomingConfig> main = Optional.empty();
    private Optional<IncomingConfig> cpr = Optional.empty();

    /** One {@code -incoming TEXT}. */
    void option(String where, String text) throws CommandLineException {
        if (text.equals("defer")) {
            main = Optional.of(new IncomingConfig.Deferred(text));
            return;
        }
        if (text.equals("help") || text.equals("?")) {
            throw new CommandLineException(where + ": Help is not available for this option");
        }
        MigrationChannel channel = isUri(text) ? uri(where, text) : channel(properties(where, text));
        Optional<IncomingConfig> config = Optional.of(new IncomingConfig.Channel(text, channel));
        switch (channel.type()) {
            case MAIN -> main = config;
            case CPR -> cpr = config;
        }
    }

    /** {@code -cpr-uri unix:PATH}, of an earlier form of the interface. */
    void cprUri(String where, String uri, List<String> warnings) throws CommandLineException {
        if (!uri.startsWith("unix:") || uri.equals("unix:")) {
            throw new CommandLineException(where + ": bad cpr-uri " + uri + "; must be unix:");
        }
        String path = uri.substring("unix:".length());
        cpr = Optional.of(new IncomingConfig.Channel(
                uri, MigrationChannel.cpr(new MigrationAddress.Socket(new SocketAddress.Unix(path)))));
        warnings.add("warning: -cpr-uri is an earlier form: use -incoming"
                + " cpr,addr.transport=socket,addr.type=unix,addr.path=" + path);
    }

    /**
     * Refuses what cannot be together with an incoming guest, and what this program does not have.
     *
     * @param loadvm {@code -loadvm}'s name, if it was given
     * @param preconfig whether {@code -preconfig} was given
     */
    void check(Optional<String> loadvm, boolean preconfig) throws CommandLineException {
        if (loadvm.isPresent() && main.isPresent()) {
            throw new CommandLineException("'incoming' and 'loadvm' options are mutually exclusive");
        }
        if (preconfig && main.isPresent() && !(main.get() instanceof IncomingConfig.Deferred)) {
            throw new CommandLineException("'preconfig' supports '-incoming defer' only");
        }
        if (loadvm.isPresent()) {
            throw new CommandLineException("no block device can store vmstate for snapshot");
        }
        if (preconfig) {
            throw new CommandLineException(
                    "-preconfig: not supported, the machine is described by its command line alone");
        }
    }

    /** The channels, main first. */
    List<IncomingConfig> finish() {
        List<IncomingConfig> channels = new ArrayList<>();
        if (main.isPresent()) {
            channels.add(main.get());
        }
        if (cpr.isPresent()) {
            channels.add(cpr.get());
        }
        return channels;
    }

    /** Letters, then a colon: so neither JSON nor {@code cpr,addr.path=a:b}. */
    private static boolean isUri(String text) {
        int colon = text.indexOf(':');
        for (int i = 0; i < colon; i++) {
            char c = text.charAt(i);
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) {
                return false;
            }
        }
        return colon > 0;
    }

    private static MigrationChannel uri(String where, String text) throws CommandLineException {
        try {
            return MigrationChannel.main(MigrationUri.parse(text));
        } catch (AddressException e) {
            throw new CommandLineException(where + ": " + e.getMessage());
        }
    }

    private static Properties properties(String where, String text) throws CommandLineException {
        return text.startsWith("{") ? Properties.json(where, text) : Properties.keyval(where, text, "channel-type");
    }

    private static MigrationChannel channel(Properties properties) throws CommandLineException {
        String typeName = properties.require("channel-type");
        Optional<MigrationChannel.Type> type = MigrationChannel.Type.of(typeName);
        if (type.isEmpty()) {
            throw notAccepted(properties, "channel-type", typeName);
        }
        if (properties.has("addr")) {
            throw properties.error("Invalid parameter type for 'addr', expected: object");
        }
        if (!properties.hasUnder("addr")) {
            throw properties.error("Parameter 'addr' is missing");
        }
        String transport = properties.require("addr.transport");
        MigrationAddress address =
                switch (transport) {
                    case "socket" -> new MigrationAddress.Socket(socket(properties));
                    case "exec" -> new MigrationAddress.Exec(args(properties));
                    case "rdma" ->
                        new MigrationAddress.Rdma(properties.require("addr.host"), properties.require("addr.port"));
                    case "file" -> new MigrationAddress.File(properties.require("addr.filename"), offset(properties));
                    default -> throw notAccepted(properties, "transport", transport);
                };
        properties.end();
        return new MigrationChannel(type.get(), address);
    }

    private static SocketAddress socket(Properties properties) throws CommandLineException {
        String type = properties.require("addr.type");
        return switch (type) {
            case "unix" ->
                new SocketAddress.Unix(
                        properties.require("addr.path"),
                        properties.takeFlag("addr.abstract", false),
                        properties.takeFlag("addr.tight", true));
            case "inet" ->
                new SocketAddress.Inet(
                        properties.require("addr.host"), properties.require("addr.port"), inet(properties));
            case "vsock" -> new SocketAddress.Vsock(properties.require("addr.cid"), properties.require("addr.port"));
            case "fd" -> new SocketAddress.Fd(properties.require("addr.str"));
            default -> throw notAccepted(properties, "type", type);
        };
    }

    private static InetOptions inet(Properties properties) throws CommandLineException {
        return new InetOptions(
                properties.takeFlag("addr.numeric"),
                number(properties, "to", 16),
                properties.takeFlag("addr.ipv4"),
                properties.takeFlag("addr.ipv6"),
                properties.takeFlag("addr.keep-alive"),
                number(properties, "keep-alive-count", 32),
                number(properties, "keep-alive-idle", 32),
                number(properties, "keep-alive-interval", 32),
                properties.takeFlag("addr.mptcp"));
    }

    /** A number of 16 or 32 bits; of the larger ones, an int holds as much as the host takes. */
    private static OptionalInt number(Properties properties, String name, int bits) throws CommandLineException {
        OptionalLong value = properties.takeNumber("addr." + name);
        if (value.isPresent() && value.getAsLong() >= 1L << bits) {
            throw properties.error("Parameter '" + name + "' expects uint" + bits + "_t");
        }
        return value.isPresent()
                ? OptionalInt.of((int) Math.min(value.getAsLong(), Integer.MAX_VALUE))
                : OptionalInt.empty();
    }

    private static List<String> args(Properties properties) throws CommandLineException {
        List<String> args = properties.takeList("addr.args");
        if (args.isEmpty()) {
            throw properties.error(
                    properties.hasUnder("addr.args")
                            ? "Parameter 'addr.args.0' missing"
                            : "Parameter 'addr.args' is missing");
        }
        return args;
    }

    private static long offset(Properties properties) throws CommandLineException {
        OptionalLong offset = properties.takeNumber("addr.offset");
        if (offset.isEmpty()) {
            throw properties.error("Parameter 'addr.offset' is missing");
        }
        return offset.getAsLong();
    }

    private static CommandLineException notAccepted(Properties properties, String name, String value) {
        return properties.error("Parameter '" + name + "' does not accept value '" + value + "'");
    }
}
