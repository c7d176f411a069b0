package dev.cprkit.proto.qapi;

import java.util.Objects;
import java.util.Optional;

/**
 * QAPI {@code MigrationChannel}: one connection of a migration and what it is for. Immutable.
 *
 * @param type what travels over it
 * @param address where it goes
 */
public record MigrationChannel(Type type, MigrationAddress address) {
    public MigrationChannel {
        Objects.requireNonNull(type);
        Objects.requireNonNull(address);
    }

    /** QAPI {@code MigrationChannelType}. */
    public enum Type {
        /** The migration stream. */
        MAIN("main"),
        /** CPR state: names and descriptors, before the new machine is built. */
        CPR("cpr");

        private final String qapiName;

        Type(String qapiName) {
            this.qapiName = qapiName;
        }

        /** The name on the wire. */
        public String qapiName() {
            return qapiName;
        }

        /** The type of that name, if there is one. */
        public static Optional<Type> of(String qapiName) {
            for (Type type : values()) {
                if (type.qapiName.equals(qapiName)) {
                    return Optional.of(type);
                }
            }
            return Optional.empty();
        }
    }

    /** The main channel over that address. */
    public static MigrationChannel main(MigrationAddress address) {
        return new MigrationChannel(Type.MAIN, address);
    }

    /** The CPR channel over that address. */
    public static MigrationChannel cpr(MigrationAddress address) {
        return new MigrationChannel(Type.CPR, address);
    }
}
