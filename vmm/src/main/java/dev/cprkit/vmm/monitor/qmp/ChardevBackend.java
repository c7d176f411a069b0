package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.vmm.chardev.ChardevConfig;
import dev.cprkit.vmm.chardev.ChardevLog;
import dev.cprkit.vmm.chardev.ChardevOptions;
import dev.cprkit.vmm.chardev.SocketTarget;
import java.util.Optional;

/** Reads the QAPI {@code ChardevBackend} of chardev-add. */
final class ChardevBackend {
    private static final int MAX_PORT = 65_535;

    private ChardevBackend() {}

    static ChardevConfig read(String id, QmpArguments backend) throws QmpError {
        String type = backend.string("type");
        QmpArguments data = backend.optionalObject("data").orElseThrow(() -> backend.missing("data"));
        ChardevConfig config =
                switch (type) {
                    case "null" -> new ChardevConfig.Null(id, options(data));
                    case "file" ->
                        new ChardevConfig.File(
                                id, data.string("out"), flag(data, "append"), data.optionalString("in"), options(data));
                    case "stdio" ->
                        new ChardevConfig.Stdio(id, data.optionalBool("signal").orElse(true), options(data));
                    case "socket" -> socket(id, data);
                    default -> throw backend.badEnum("type", type);
                };
        data.end();
        backend.end();
        return config;
    }

    private static ChardevConfig socket(String id, QmpArguments data) throws QmpError {
        QmpArguments address = data.optionalObject("addr").orElseThrow(() -> data.missing("addr"));
        SocketTarget target = target(address, data);
        boolean server = data.optionalBool("server").orElse(true);
        if (flag(data, "wait")) {
            throw QmpError.generic("'wait' cannot be used here: the machine would stand still until a client comes");
        }
        long reconnect = data.optionalInteger("reconnect-ms").orElse(0);
        if (reconnect < 0) {
            throw QmpError.generic("Parameter 'reconnect-ms' expects a time in milliseconds, not less than 0");
        }
        return new ChardevConfig.Socket(id, target, server, false, reconnect, flag(data, "telnet"), options(data));
    }

    private static SocketTarget target(QmpArguments address, QmpArguments socket) throws QmpError {
        String type = address.string("type");
        QmpArguments data = address.optionalObject("data").orElseThrow(() -> address.missing("data"));
        SocketTarget target =
                switch (type) {
                    case "unix" ->
                        new SocketTarget.Unix(
                                data.string("path"),
                                flag(data, "abstract"),
                                data.optionalBool("tight").orElse(true));
                    case "inet" -> inet(data, flag(socket, "nodelay"));
                    case "fd" -> new SocketTarget.Fd(number(data, "str", Integer.MAX_VALUE));
                    default -> throw address.badEnum("type", type);
                };
        data.end();
        address.end();
        return target;
    }

    private static SocketTarget inet(QmpArguments data, boolean noDelay) throws QmpError {
        int port = number(data, "port", MAX_PORT);
        long to = data.optionalInteger("to").orElse(port);
        if (to < port || to > MAX_PORT) {
            throw QmpError.generic("Parameter 'to' expects a port from " + port + " to " + MAX_PORT);
        }
        return new SocketTarget.Inet(data.string("host"), port, (int) to, noDelay);
    }

    /** A number that QAPI carries as a string. */
    private static int number(QmpArguments data, String name, int max) throws QmpError {
        String text = data.string(name);
        try {
            int value = Integer.parseInt(text);
            if (value >= 0 && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw QmpError.generic("Parameter '" + name + "' expects a number, and '" + text + "' is none");
        }
        throw QmpError.generic("Parameter '" + name + "' expects a number from 0 to " + max);
    }

    private static ChardevOptions options(QmpArguments data) throws QmpError {
        Optional<String> path = data.optionalString("logfile");
        boolean append = flag(data, "logappend");
        return new ChardevOptions(
                false, path.isPresent() ? Optional.of(new ChardevLog(path.get(), append)) : Optional.empty());
    }

    private static boolean flag(QmpArguments data, String name) throws QmpError {
        return data.optionalBool(name).orElse(false);
    }
}
