package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.vmm.chardev.ChardevConfig;
import dev.cprkit.vmm.chardev.ChardevException;
import dev.cprkit.vmm.chardev.ChardevLog;
import dev.cprkit.vmm.chardev.ChardevOptions;
import dev.cprkit.vmm.chardev.SocketTarget;
import java.util.Optional;

/** Reads the QAPI {@code ChardevBackend} of chardev-add, which is known to be as declared. */
final class ChardevBackend {
    private static final int MAX_PORT = 65_535;

    private final DescriptorCommands descriptors;

    ChardevBackend(DescriptorCommands descriptors) {
        this.descriptors = descriptors;
    }

    ChardevConfig read(String id, QmpArguments backend) throws QmpError, ChardevException {
        String type = backend.string("type");
        QmpArguments data = backend.optionalObject("data").orElseThrow(() -> backend.missing("data"));
        return switch (type) {
            case "null" -> new ChardevConfig.Null(id, options(data));
            case "file" ->
                new ChardevConfig.File(
                        id, data.string("out"), flag(data, "append"), data.optionalString("in"), options(data));
            case "stdio" ->
                new ChardevConfig.Stdio(id, data.optionalBool("signal").orElse(true), options(data));
            case "socket" -> socket(id, data);
            case "pty" -> new ChardevConfig.Pty(id, data.optionalString("path"), options(data));
            case "pipe" -> new ChardevConfig.Pipe(id, data.string("device"), options(data));
            case "ringbuf", "memory" ->
                new ChardevConfig.Ringbuf(id, data.optionalInteger("size").orElse(0), type, options(data));
            default -> throw backend.badEnum("type", type);
        };
    }

    private ChardevConfig socket(String id, QmpArguments data) throws QmpError, ChardevException {
        QmpArguments address = data.optionalObject("addr").orElseThrow(() -> data.missing("addr"));
        boolean server = data.optionalBool("server").orElse(true);
        Optional<Boolean> wait = data.optionalBool("wait");
        if (!server && wait.isPresent()) {
            throw new ChardevException("'wait' option is incompatible with socket in client connect mode");
        }
        if (wait.orElse(false)) {
            throw new ChardevException(
                    "'wait' cannot be used here: the machine would stand still until a client comes");
        }
        long reconnect = data.optionalInteger("reconnect-ms").orElse(0);
        if (reconnect < 0) {
            throw new ChardevException("Parameter 'reconnect-ms' expects a time in milliseconds, not less than 0");
        }
        if (server && reconnect > 0) {
            throw new ChardevException("'reconnect-ms' option is incompatible with socket in server listen mode");
        }
        return new ChardevConfig.Socket(
                id, target(address, data), server, false, reconnect, flag(data, "telnet"), options(data));
    }

    private SocketTarget target(QmpArguments address, QmpArguments socket) throws QmpError, ChardevException {
        String type = address.string("type");
        QmpArguments data = address.optionalObject("data").orElseThrow(() -> address.missing("data"));
        return switch (type) {
            case "unix" ->
                new SocketTarget.Unix(
                        data.string("path"),
                        flag(data, "abstract"),
                        data.optionalBool("tight").orElse(true));
            case "inet" -> inet(data, flag(socket, "nodelay"));
            case "fd" -> {
                String name = data.string("str");
                yield new SocketTarget.Fd(descriptors
                        .take(name)
                        .orElseThrow(
                                () -> new ChardevException("File descriptor named '" + name + "' has not been found")));
            }
            default -> throw address.badEnum("type", type);
        };
    }

    private static SocketTarget inet(QmpArguments data, boolean noDelay) throws QmpError, ChardevException {
        int port = port(data.string("port"));
        long to = data.optionalInteger("to").orElse(port);
        if (to < port || to > MAX_PORT) {
            throw new ChardevException("Parameter 'to' expects a port from " + port + " to " + MAX_PORT);
        }
        return new SocketTarget.Inet(data.string("host"), port, (int) to, noDelay);
    }

    /** A number that QAPI carries as a string. */
    private static int port(String text) throws ChardevException {
        try {
            int value = Integer.parseInt(text);
            if (value >= 0 && value <= MAX_PORT) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new ChardevException("Parameter 'port' expects a number, and '" + text + "' is none");
        }
        throw new ChardevException("Parameter 'port' expects a number from 0 to " + MAX_PORT);
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
