package dev.cprkit.proto.qapi;

import java.util.List;
import java.util.Objects;

/** QAPI {@code MigrationAddress}: what a migration stream goes through (reference/qemu-cpr.md, 1.4). Immutable. */
public sealed interface MigrationAddress {
    /** The QAPI name of the kind: {@code socket}, {@code exec}, {@code rdma} or {@code file}. */
    String transport();

    /** A stream socket. */
    record Socket(SocketAddress address) implements MigrationAddress {
        public Socket {
            Objects.requireNonNull(address);
        }

        @Override
        public String transport() {
            return "socket";
        }
    }

    /** The standard input or output of a command; {@code args} is its argv. */
    record Exec(List<String> args) implements MigrationAddress {
        public Exec {
            args = List.copyOf(args);
        }

        @Override
        public String transport() {
            return "exec";
        }
    }

    /** An RDMA connection. */
    record Rdma(String host, String port) implements MigrationAddress {
        @Override
        public String transport() {
            return "rdma";
        }
    }

    /** A file, from an offset in bytes on. */
    record File(String filename, long offset) implements MigrationAddress {
        public File {
            Objects.requireNonNull(filename);
        }

        @Override
        public String transport() {
            return "file";
        }
    }
}
