package dev.cprkit.proto.qapi;

import java.util.Optional;
import java.util.OptionalInt;

/** Reads {@code HOST:PORT[,option...]}, where HOST may be empty, a name, an IPv4 address or an IPv6 one in brackets. */
final class InetText {
    private Optional<Boolean> numeric = Optional.empty();
    private OptionalInt to = OptionalInt.empty();
    private Optional<Boolean> ipv4 = Optional.empty();
    private Optional<Boolean> ipv6 = Optional.empty();
    private Optional<Boolean> keepAlive = Optional.empty();
    private OptionalInt keepAliveCount = OptionalInt.empty();
    private OptionalInt keepAliveIdle = OptionalInt.empty();
    private OptionalInt keepAliveInterval = OptionalInt.empty();
    private Optional<Boolean> mptcp = Optional.empty();

    private InetText() {}

    static SocketAddress.Inet parse(String text) throws AddressException {
        int comma = text.indexOf(',');
        String address = comma < 0 ? text : text.substring(0, comma);
        int colon;
        String host;
        if (address.startsWith("[")) {
            int end = address.indexOf("]:");
            if (end < 0) {
                throw new AddressException("error parsing IPv6 address '" + text + "'");
            }
            host = address.substring(1, end);
            colon = end + 1;
        } else {
            colon = address.indexOf(':');
            if (colon < 0) {
                throw new AddressException("error parsing address '" + text + "'");
            }
            host = address.substring(0, colon);
        }
        String port = address.substring(colon + 1);
        if (port.isEmpty() || port.length() > 32) {
            throw new AddressException("error parsing address '" + text + "'");
        }
        InetText options = new InetText();
        int at = comma;
        while (at >= 0 && at < text.length()) {
            int next = text.indexOf(',', at + 1);
            options.option(text.substring(at + 1, next < 0 ? text.length() : next));
            at = next;
        }
        return new SocketAddress.Inet(host, port, options.build());
    }

    private void option(String option) throws AddressException {
        int equals = option.indexOf('=');
        String name = equals < 0 ? option : option.substring(0, equals);
        String value = equals < 0 ? "on" : option.substring(equals + 1);
        switch (name) {
            case "numeric" -> numeric = Optional.of(flag(name, value));
            case "to" -> to = OptionalInt.of(number(name, value));
            case "ipv4" -> ipv4 = Optional.of(flag(name, value));
            case "ipv6" -> ipv6 = Optional.of(flag(name, value));
            case "keep-alive" -> keepAlive = Optional.of(flag(name, value));
            case "keep-alive-count" -> keepAliveCount = OptionalInt.of(number(name, value));
            case "keep-alive-idle" -> keepAliveIdle = OptionalInt.of(number(name, value));
            case "keep-alive-interval" -> keepAliveInterval = OptionalInt.of(number(name, value));
            case "mptcp" -> mptcp = Optional.of(flag(name, value));
            default -> throw new AddressException("Invalid parameter '" + name + "'");
        }
    }

    private static boolean flag(String name, String value) throws AddressException {
        return switch (value) {
            case "on", "yes", "true", "y" -> true;
            case "off", "no", "false", "n" -> false;
            default -> throw new AddressException("Parameter '" + name + "' expects 'on' or 'off'");
        };
    }

    private static int number(String name, String value) throws AddressException {
        try {
            int number = Integer.parseInt(value);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new AddressException("Parameter '" + name + "' expects a number");
        }
        throw new AddressException("Parameter '" + name + "' expects a number");
    }

    private InetOptions build() {
        return new InetOptions(
                numeric, to, ipv4, ipv6, keepAlive, keepAliveCount, keepAliveIdle, keepAliveInterval, mptcp);
    }
}
