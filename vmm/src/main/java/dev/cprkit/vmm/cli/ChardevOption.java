package dev.cprkit.vmm.cli;

import dev.cprkit.vmm.chardev.ChardevConfig;
import dev.cprkit.vmm.chardev.ChardevLog;
import dev.cprkit.vmm.chardev.ChardevOptions;
import dev.cprkit.vmm.chardev.SocketTarget;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads a character device: {@code -chardev BACKEND,id=ID,...}, and the one-word forms of {@code -serial},
 * {@code -monitor} and {@code -qmp}. Stateless.
 */
final class ChardevOption {
    private ChardevOption() {}

    /** {@code -chardev}. */
    static ChardevConfig read(Properties properties) throws CommandLineException {
        Optional<String> id = properties.takeId();
        if (id.isEmpty()) {
            throw properties.error("chardev: no id specified");
        }
        Optional<String> backend = properties.take("backend");
        if (backend.isEmpty()) {
            throw properties.error("chardev: \"" + id.get() + "\" missing backend");
        }
        return read(backend.get(), id.get(), properties);
    }

    private static ChardevConfig read(String backend, String id, Properties properties) throws CommandLineException {
        ChardevOptions options = options(properties);
        ChardevConfig config =
                switch (backend) {
                    case "stdio" -> new ChardevConfig.Stdio(id, properties.takeFlag("signal", true), options);
                    case "file" -> file(id, properties, options);
                    case "socket" -> socket(id, properties, options);
                    case "null" -> new ChardevConfig.Null(id, options);
                    case "pty" -> new ChardevConfig.Pty(id, properties.take("path"), options);
                    case "pipe" -> pipe(id, properties, options);
                    case "ringbuf", "memory" ->
                        new ChardevConfig.Ringbuf(
                                id, properties.takeSize("size").orElse(0), backend, options);
                    default -> throw properties.error("'" + backend + "' is not a valid char driver name");
                };
        properties.end();
        return config;
    }

    private static ChardevConfig pipe(String id, Properties properties, ChardevOptions options)
            throws CommandLineException {
        Optional<String> path = properties.take("path");
        if (path.isEmpty() || path.get().isEmpty()) {
            throw properties.error("chardev: pipe: no device path given");
        }
        return new ChardevConfig.Pipe(id, path.get(), options);
    }

    private static ChardevOptions options(Properties properties) throws CommandLineException {
        boolean mux = properties.takeFlag("mux", false);
        Optional<String> logFile = properties.take("logfile");
        boolean append = properties.takeFlag("logappend", false);
        Optional<ChardevLog> log =
                logFile.isPresent() ? Optional.of(new ChardevLog(logFile.get(), append)) : Optional.empty();
        return new ChardevOptions(mux, log);
    }

    private static ChardevConfig file(String id, Properties properties, ChardevOptions options)
            throws CommandLineException {
        Optional<String> path = properties.take("path");
        if (path.isEmpty() || path.get().isEmpty()) {
            throw properties.error("chardev: file: no filename given");
        }
        return new ChardevConfig.File(
                id, path.get(), properties.takeFlag("append", false), properties.take("input-path"), options);
    }

    private static ChardevConfig socket(String id, Properties properties, ChardevOptions options)
            throws CommandLineException {
        boolean server = properties.takeFlag("server", false);
        if (!server && properties.has("wait")) {
            throw properties.error("'wait' option is incompatible with socket in client connect mode");
        }
        OptionalLong reconnect = properties.takeNumber("reconnect-ms");
        OptionalLong reconnectSeconds = properties.takeNumber("reconnect");
        if (reconnect.isPresent() && reconnectSeconds.isPresent()) {
            throw properties.error("'reconnect' and 'reconnect-ms' are mutually exclusive");
        }
        long reconnectMs = reconnect.orElse(reconnectSeconds.orElse(0) * 1000);
        if (server && reconnectMs != 0) {
            throw properties.error("'reconnect' option is incompatible with socket in server listen mode");
        }
        for (String name : List.of("tn3270", "websocket")) {
            if (properties.takeFlag(name, false)) {
                throw properties.error("'" + name + "' is not supported");
            }
        }
        for (String name : List.of("tls-creds", "tls-authz")) {
            if (properties.has(name)) {
                throw properties.error("'" + name + "' is not supported: this socket has no TLS");
            }
        }
        return new ChardevConfig.Socket(
                id,
                target(properties),
                server,
                server && properties.takeFlag("wait", true),
                reconnectMs,
                properties.takeFlag("telnet", false),
                options);
    }

    private static SocketTarget target(Properties properties) throws CommandLineException {
        Optional<String> path = properties.take("path");
        Optional<String> host = properties.take("host");
        Optional<String> fd = properties.take("fd");
        int given = (path.isPresent() ? 1 : 0) + (host.isPresent() ? 1 : 0) + (fd.isPresent() ? 1 : 0);
        if (given > 1) {
            throw properties.error("None or one of 'path', 'fd' or 'host' option required.");
        }
        if (path.isPresent() && !path.get().isEmpty()) {
            return new SocketTarget.Unix(
                    path.get(), properties.takeFlag("abstract", false), properties.takeFlag("tight", true));
        }
        if (fd.isPresent()) {
            return new SocketTarget.Fd(descriptor(properties, fd.get()));
        }
        if (host.isPresent()) {
            return inet(properties, host.get());
        }
        throw properties.error(
                path.isPresent() ? "chardev: socket: the path is empty" : "chardev: socket: no path, host or fd given");
    }

    private static int descriptor(Properties properties, String text) throws CommandLineException {
        try {
            int fd = Integer.parseInt(text);
            if (fd >= 0) {
                return fd;
            }
        } catch (NumberFormatException e) {
            throw properties.error("Unable to parse FD number " + text);
        }
        throw properties.error("Unable to parse FD number " + text);
    }

    private static SocketTarget inet(Properties properties, String host) throws CommandLineException {
        if (!properties.has("port")) {
            throw properties.error("chardev: socket: no port given");
        }
        int port = port(properties, "port");
        int to = properties.has("to") ? port(properties, "to") : port;
        // Which addresses of a name are used is the resolver's choice; both flags only narrow it.
        properties.takeFlag("ipv4");
        properties.takeFlag("ipv6");
        return new SocketTarget.Inet(host, port, to, properties.takeFlag("nodelay", false));
    }

    private static int port(Properties properties, String name) throws CommandLineException {
        String text = properties.require(name);
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw properties.error("'" + text + "' is not a port number, 0 to 65535");
        }
        throw properties.error("'" + text + "' is not a port number, 0 to 65535");
    }

    /**
     * The one-word forms: {@code stdio}, {@code null}, {@code pty[:LINK]}, {@code file:PATH}, {@code pipe:PATH}, {@code unix:PATH[,...]},
     * {@code tcp:HOST:PORT[,...]}, {@code telnet:HOST:PORT[,...]}.
     *
     * @param where the option as it was typed
     * @param mux whether a monitor shares it; its Ctrl-C then goes to the guest
     */
    static ChardevConfig oneWord(String where, String text, String id, boolean mux, List<String> warnings)
            throws CommandLineException {
        ChardevOptions options = mux ? ChardevOptions.MUX : ChardevOptions.NONE;
        if (text.equals("stdio")) {
            return new ChardevConfig.Stdio(id, !mux, options);
        }
        if (text.equals("null") || text.equals("vc") || text.startsWith("vc:")) {
            // A virtual console without a display shows nothing.
            return new ChardevConfig.Null(id, options);
        }
        if (text.equals("pty")) {
            return new ChardevConfig.Pty(id, Optional.empty(), options);
        }
        if (text.startsWith("pty:")) {
            return new ChardevConfig.Pty(id, Optional.of(text.substring(4)), options);
        }
        if (text.startsWith("pipe:")) {
            if (text.length() == 5) {
                throw new CommandLineException(where + ": chardev: pipe: no device path given");
            }
            return new ChardevConfig.Pipe(id, text.substring(5), options);
        }
        if (text.startsWith("file:")) {
            if (text.length() == 5) {
                throw new CommandLineException(where + ": chardev: file: no filename given");
            }
            return new ChardevConfig.File(id, text.substring(5), false, Optional.empty(), options);
        }
        String rest;
        if (text.startsWith("unix:")) {
            rest = "path=" + text.substring(5);
        } else if (text.startsWith("tcp:")) {
            rest = address(where, text, 4);
        } else if (text.startsWith("telnet:")) {
            rest = address(where, text, 7) + ",telnet=on";
        } else {
            throw new CommandLineException(where + ": '" + text + "' is not a valid char driver");
        }
        return read("socket", id, Properties.flags(where, rest + (mux ? ",mux=on" : ""), "", warnings));
    }

    /** {@code HOST:PORT,...} as {@code host=HOST,port=PORT,...}. */
    private static String address(String where, String text, int at) throws CommandLineException {
        int comma = text.indexOf(',', at);
        int end = comma < 0 ? text.length() : comma;
        int colon = text.lastIndexOf(':', end - 1);
        if (colon < at) {
            throw new CommandLineException(
                    where + ": '" + text + "' has no port: " + text.substring(0, at) + "HOST:PORT");
        }
        String host = text.substring(at, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        return "host=" + host + ",port=" + text.substring(colon + 1, end) + text.substring(end);
    }
}
