package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.qapi.AddressException;
import dev.cprkit.proto.qapi.InetOptions;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.MigrationChannel;
import dev.cprkit.proto.qapi.MigrationUri;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.monitor.qmp.QmpArguments;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The channels that {@code migrate} and {@code migrate-incoming} are given, with QEMU's checks and texts (reference/
 * qemu-cpr.md, section 1.4).
 *
 * @param main the main channel's address
 * @param cpr the CPR channel's, if one was given
 */
record Channels(MigrationAddress main, Optional<MigrationAddress> cpr) {
    /** Takes {@code uri} or {@code channels} from a command's arguments. */
    static Channels take(QmpArguments arguments) throws QmpError {
        Optional<String> uri = arguments.optionalString("uri");
        Optional<JsonArray> list = arguments.optionalArray("channels");
        boolean hasList = list.isPresent() && !list.get().values().isEmpty();
        if (uri.isPresent() == hasList) {
            throw QmpError.generic("need either 'uri' or 'channels' argument");
        }
        if (uri.isPresent()) {
            return new Channels(parse(uri.get()), Optional.empty());
        }
        List<MigrationChannel> channels = new ArrayList<>();
        List<JsonValue> values = list.orElseThrow().values();
        for (int i = 0; i < values.size(); i++) {
            channels.add(channel(arguments.element("channels", i, values.get(i))));
        }
        return of(channels);
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
        OptionalLong offset = object.optionalInteger("offset");
        return new MigrationAddress.File(name, offset.orElseThrow(() -> object.missing("offset")));
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
                        small(object, "to"),
                        object.optionalBool("ipv4"),
                        object.optionalBool("ipv6"),
                        object.optionalBool("keep-alive"),
                        small(object, "keep-alive-count"),
                        small(object, "keep-alive-idle"),
                        small(object, "keep-alive-interval"),
                        object.optionalBool("mptcp")));
    }

    private static OptionalInt small(QmpArguments object, String name) throws QmpError {
        OptionalLong value = object.optionalInteger(name);
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        long number = value.getAsLong();
        if (number < 0 || number > 65535) {
            throw QmpError.generic("Parameter '" + name + "' expects uint16_t");
        }
        return OptionalInt.of((int) number);
    }

    /** A SocketAddress in JSON, as {@code query-migrate} shows where an incoming migration listens. */
    static JsonObject json(SocketAddress address) {
        JsonObject object = new JsonObject();
        switch (address) {
            case SocketAddress.Inet a -> object.put("port", a.port()).put("host", a.host());
            case SocketAddress.Unix a -> object.put("path", a.path());
            case SocketAddress.Vsock a -> object.put("cid", a.cid()).put("port", a.port());
            case SocketAddress.Fd a -> object.put("str", a.str());
        }
        return object.put("type", address.type());
    }
}
