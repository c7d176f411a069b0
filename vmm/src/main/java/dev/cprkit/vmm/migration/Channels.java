package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.qapi.AddressException;
import dev.cprkit.proto.qapi.InetOptions;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.MigrationChannel;
import dev.cprkit.proto.qapi.MigrationUri;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.monitor.qmp.QmpArguments;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The channels that {@code migrate} and {@code migrate-incoming} are given, with QEMU's checks and texts (reference/
 * qemu-cpr.md, section 1.4).
 *
 * @param main the main channel's address
 * @param cpr the CPR channel's, if one was given
 * @param fromUri whether QMP was given a URI, which QEMU checks in another order than a list
 */
record Channels(MigrationAddress main, Optional<MigrationAddress> cpr, boolean fromUri) {
    /** What a command was given, of the right types but not looked at otherwise. */
    record Request(Optional<String> uri, List<MigrationChannel> list) {
        /** Takes {@code uri} and {@code channels} from a command's arguments. */
        static Request take(QmpArguments arguments) throws QmpError {
            Optional<String> uri = arguments.optionalString("uri");
            Optional<JsonArray> given = arguments.optionalArray("channels");
            List<MigrationChannel> channels = new ArrayList<>();
            if (given.isPresent()) {
                List<JsonValue> values = given.get().values();
                for (int i = 0; i < values.size(); i++) {
                    channels.add(channel(arguments.element("channels", i, values.get(i))));
                }
            }
            return new Request(uri, channels);
        }

        /** The channels; one of the two must have been given, and an empty list counts as none. */
        Channels channels() throws QmpError {
            if (uri.isPresent() != list.isEmpty()) {
                throw QmpError.generic("need either 'uri' or 'channels' argument");
            }
            return uri.isPresent() ? new Channels(parse(uri.get()), Optional.empty(), true) : of(list);
        }

        /** The one channel on which a guest comes in. */
        MigrationAddress incoming() throws QmpError {
            if (list.size() > 1) {
                throw QmpError.generic("Channel list must have only one entry, for type 'main'");
            }
            return channels().main();
        }
    }

    /** The channels of a list, as the human monitor makes one of its URI. */
    Channels(MigrationAddress main, Optional<MigrationAddress> cpr) {
        this(main, cpr, false);
    }

    /** These channels, with a CPR channel where the parameter {@code cpr-uri} says if none was given. */
    Channels completed(MigrationParameters parameters) throws QmpError {
        String uri = parameters.text(MigrationParameter.CPR_URI);
        return cpr.isPresent() || uri.isEmpty() ? this : new Channels(main, Optional.of(parse(uri)), fromUri);
    }

    /** Refuses, before anything has changed, what the mode and the capabilities cannot do with these channels. */
    void check(MigrationParameters parameters, MigrationCapabilities capabilities) throws QmpError {
        if (!fromUri) {
            checkCpr(parameters);
        }
        checkTransport(main, parameters, capabilities);
        if (fromUri) {
            checkCpr(parameters); // which QEMU 11.1 does not, and aborts
        }
    }

    private void checkCpr(MigrationParameters parameters) throws QmpError {
        if (parameters.mode() == MigMode.CPR_TRANSFER && cpr.isEmpty()) {
            throw QmpError.generic("missing 'cpr' migration channel");
        }
    }

    /** Refuses a main channel that cannot do what the mode and the capabilities need. */
    static void checkTransport(
            MigrationAddress main, MigrationParameters parameters, MigrationCapabilities capabilities) throws QmpError {
        boolean file = main instanceof MigrationAddress.File;
        if (capabilities.has(MigrationCapability.MAPPED_RAM) && !file) {
            throw QmpError.generic("Migration requires seekable transport (e.g. file)");
        }
        if (parameters.mode() == MigMode.CPR_TRANSFER && file) {
            throw QmpError.generic("Migration requires streamable transport (eg unix)");
        }
        if (main instanceof MigrationAddress.Exec(List<String> args) && args.isEmpty()) {
            throw QmpError.generic("an exec channel's 'args' must begin with a program"); // QEMU 11.1 crashes
        }
    }

    /** The channels of a list, at most one of each type. */
    static Channels of(List<MigrationChannel> channels) throws QmpError {
        Optional<MigrationAddress> main = Optional.empty();
        Optional<MigrationAddress> cpr = Optional.empty();
        for (MigrationChannel channel : channels) {
            boolean twice =
                    switch (channel.type()) {
                        case MAIN -> main.isPresent();
                        case CPR -> cpr.isPresent();
                    };
            if (twice) {
                throw QmpError.generic(
                        "Channel list has more than one " + channel.type().qapiName() + " entry");
            }
            switch (channel.type()) {
                case MAIN -> main = Optional.of(channel.address());
                case CPR -> cpr = Optional.of(channel.address());
            }
        }
        return new Channels(main.orElseThrow(() -> QmpError.generic("Channel list has no main entry")), cpr);
    }

    /** The address of a URI. */
    static MigrationAddress parse(String uri) throws QmpError {
        try {
            return MigrationUri.parse(uri);
        } catch (AddressException e) {
            throw QmpError.generic(e.getMessage());
        }
    }

    /** A MigrationChannel in JSON, as QMP and {@code -incoming} give it; refuses members that it does not have. */
    static MigrationChannel channel(QmpArguments object) throws QmpError {
        String name = object.string("channel-type");
        MigrationChannel.Type type =
                MigrationChannel.Type.of(name).orElseThrow(() -> object.badEnum("channel-type", name));
        QmpArguments address = object.optionalObject("addr").orElseThrow(() -> object.missing("addr"));
        MigrationAddress parsed = address(address);
        object.end();
        return new MigrationChannel(type, parsed);
    }

    private static MigrationAddress address(QmpArguments object) throws QmpError {
        String transport = object.string("transport");
        MigrationAddress address =
                switch (transport) {
                    case "socket" -> new MigrationAddress.Socket(socket(object));
                    case "exec" -> new MigrationAddress.Exec(words(object));
                    case "rdma" -> rdma(object);
                    case "file" -> file(object);
                    default -> throw object.badEnum("transport", transport);
                };
        object.end();
        return address;
    }

    private static MigrationAddress rdma(QmpArguments object) throws QmpError {
        SocketAddress.Inet inet = inet(object);
        return new MigrationAddress.Rdma(inet.host(), inet.port());
    }

    private static MigrationAddress file(QmpArguments object) throws QmpError {
        String name = object.string("filename");
        Optional<BigInteger> offset = object.unsigned("offset", 64);
        return new MigrationAddress.File(
                name, offset.orElseThrow(() -> object.missing("offset")).longValue());
    }

    private static List<String> words(QmpArguments object) throws QmpError {
        List<String> words = new ArrayList<>();
        List<JsonValue> values = object.optionalArray("args")
                .orElseThrow(() -> object.missing("args"))
                .values();
        for (int i = 0; i < values.size(); i++) {
            if (!(values.get(i) instanceof JsonString(String word))) {
                throw object.wrongType("args[" + i + "]", "string");
            }
            words.add(word);
        }
        return words;
    }

    private static SocketAddress socket(QmpArguments object) throws QmpError {
        String type = object.string("type");
        return switch (type) {
            case "inet" -> inet(object);
            case "unix" ->
                new SocketAddress.Unix(
                        object.string("path"),
                        object.optionalBool("abstract").orElse(false),
                        object.optionalBool("tight").orElse(true));
            case "vsock" -> new SocketAddress.Vsock(object.string("cid"), object.string("port"));
            case "fd" -> new SocketAddress.Fd(object.string("str"));
            default -> throw object.badEnum("type", type);
        };
    }

    private static SocketAddress.Inet inet(QmpArguments object) throws QmpError {
        return new SocketAddress.Inet(
                object.string("host"),
                object.string("port"),
                new InetOptions(
                        object.optionalBool("numeric"),
                        number(object, "to", 16),
                        object.optionalBool("ipv4"),
                        object.optionalBool("ipv6"),
                        object.optionalBool("keep-alive"),
                        number(object, "keep-alive-count", 32),
                        number(object, "keep-alive-idle", 32),
                        number(object, "keep-alive-interval", 32),
                        object.optionalBool("mptcp")));
    }

    private static OptionalInt number(QmpArguments object, String name, int bits) throws QmpError {
        Optional<BigInteger> value = object.unsigned(name, bits);
        return value.isPresent()
                ? OptionalInt.of((int) Math.min(value.get().longValue(), Integer.MAX_VALUE))
                : OptionalInt.empty();
    }

    /** A SocketAddress in JSON, as {@code query-migrate} shows where an incoming migration listens. */
    static JsonObject json(SocketAddress address) {
        JsonObject object = new JsonObject();
        switch (address) {
            case SocketAddress.Inet a ->
                object.put("port", a.port())
                        .put(a.host().indexOf(':') < 0 ? "ipv4" : "ipv6", true)
                        .put("host", a.host());
            case SocketAddress.Unix a -> object.put("path", a.path());
            case SocketAddress.Vsock a -> object.put("cid", a.cid()).put("port", a.port());
            case SocketAddress.Fd a -> object.put("str", a.str());
        }
        return object.put("type", address.type());
    }
}
