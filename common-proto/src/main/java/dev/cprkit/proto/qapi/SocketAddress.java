package dev.cprkit.proto.qapi;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** QAPI {@code SocketAddress}: where a stream socket listens (reference/qemu-cpr.md, section 1.4). Immutable. */
public sealed interface SocketAddress {
    /** The QAPI name of the kind: {@code inet}, {@code unix}, {@code vsock} or {@code fd}. */
    String type();

    /** An internet address; host and port are texts as in QAPI, and either may be a name. */
    record Inet(String host, String port, InetOptions options) implements SocketAddress {
        public Inet {
            Objects.requireNonNull(host);
            Objects.requireNonNull(port);
            Objects.requireNonNull(options);
        }

        /** An address without options. */
        public Inet(String host, String port) {
            this(host, port, InetOptions.NONE);
        }

        @Override
        public String type() {
            return "inet";
        }
    }

    /**
     * A path, or a name of the abstract namespace, which no file shows.
     *
     * @param path the path or the abstract name, without a leading NUL
     * @param isAbstract whether it is an abstract name
     * @param tight whether an abstract name ends where its text ends; otherwise it is padded with NUL to the full length
     */
    record Unix(String path, boolean isAbstract, boolean tight) implements SocketAddress {
        /** The length of sun_path, unix(7). */
        private static final int SUN_PATH = 108;

        public Unix {
            Objects.requireNonNull(path);
        }

        /** A path in the file system. */
        public Unix(String path) {
            this(path, false, true);
        }

        /** The name as socket calls take it: an abstract one begins with NUL, and is padded with NUL unless tight. */
        public String socketName() {
            if (!isAbstract) {
                return path;
            }
            int bytes = path.getBytes(StandardCharsets.UTF_8).length + 1;
            return "\0" + path + (tight ? "" : "\0".repeat(Math.max(0, SUN_PATH - bytes)));
        }

        @Override
        public String type() {
            return "unix";
        }
    }

    /** A vsock(7) address: context and port, as texts. */
    record Vsock(String cid, String port) implements SocketAddress {
        @Override
        public String type() {
            return "vsock";
        }
    }

    /** A descriptor: a name given by {@code getfd}, or on the command line a decimal number. */
    record Fd(String str) implements SocketAddress {
        @Override
        public String type() {
            return "fd";
        }
    }

    /** The address as QEMU shows it to people: {@code host:port}, the path, {@code vsock:cid:port} or {@code fd:name}. */
    default String text() {
        return switch (this) {
            case Inet a -> (a.host().indexOf(':') >= 0 ? "[" + a.host() + "]" : a.host()) + ":" + a.port();
            case Unix a -> a.path();
            case Vsock a -> "vsock:" + a.cid() + ":" + a.port();
            case Fd a -> "fd:" + a.str();
        };
    }
}
