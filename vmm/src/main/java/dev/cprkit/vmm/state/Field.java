package dev.cprkit.vmm.state;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * One piece of an object's travelling state, as data: the encoder, the decoder and the stream's JSON description all
 * walk the same declaration (encodings: reference/qemu-cpr.md, section 3.10). All integers are big-endian.
 *
 * <p>A count that travels comes from an earlier field: {@code count} reads it from the object. What is loaded by count is
 * made anew and handed to {@code set} when it is whole.
 *
 * @param <T> the object that owns the field
 */
public sealed interface Field<T> {
    /** The field's name, as the JSON description shows it. */
    String name();

    /** The first version of the declaration that has the field: a stream of an older version does not carry it. */
    int since();

    /** The width and meaning of a single number on the wire. */
    enum Kind {
        BOOL("bool", 1),
        U8("uint8", 1),
        U16("uint16", 2),
        U32("uint32", 4),
        U64("uint64", 8),
        S8("int8", 1),
        S16("int16", 2),
        S32("int32", 4),
        S64("int64", 8),
        /** The bits of a 64-bit floating-point register. */
        DOUBLE("float64", 8),
        TIMER("timer", 8);

        private final String description;
        private final int bytes;

        Kind(String description, int bytes) {
            this.description = description;
            this.bytes = bytes;
        }

        /** The type's name in the JSON description. */
        public String description() {
            return description;
        }

        /** Its length on the wire. */
        public int bytes() {
            return bytes;
        }
    }

    /** Decides whether a field is in a stream of that version of the declaration. */
    @FunctionalInterface
    interface Presence<T> {
        boolean test(T owner, int version);
    }

    /** One number. Narrow kinds take the low bits when saved; signed ones are sign-extended when loaded. */
    record Scalar<T>(String name, int since, Kind kind, ToLongFunction<T> get, ObjLongConsumer<T> set)
            implements Field<T> {}

    /** A number that both sides must agree on: it is sent, and the reader compares it with its own. */
    record Equal<T>(String name, int since, Kind kind, ToLongFunction<T> get, String hint) implements Field<T> {}

    /** Raw bytes of a fixed length, in place: the array that {@code get} returns is sent, or filled. */
    record Buffer<T>(String name, int since, int length, Function<T, byte[]> get) implements Field<T> {}

    /** Raw bytes whose length an earlier field carries. */
    record VarBuffer<T>(
            String name, int since, ToLongFunction<T> length, Function<T, byte[]> get, BiConsumer<T, byte[]> set)
            implements Field<T> {}

    /** A GByteArray: its length in 32 bits, then its bytes. */
    record Bytes<T>(String name, int since, Function<T, byte[]> get, BiConsumer<T, byte[]> set) implements Field<T> {}

    /** A fixed number of numbers, in place: {@code get} returns the array that is sent, or filled. */
    record Longs<T>(String name, int since, Kind kind, int count, Function<T, long[]> get) implements Field<T> {}

    /** As {@link Longs}, for an array of ints. */
    record Ints<T>(String name, int since, Kind kind, int count, Function<T, int[]> get) implements Field<T> {}

    /** Numbers, as many as an earlier field says. */
    record VarLongs<T>(
            String name,
            int since,
            Kind kind,
            ToLongFunction<T> count,
            Function<T, long[]> get,
            BiConsumer<T, long[]> set)
            implements Field<T> {}

    /** Bits, in place: as many 64-bit words as {@code bits} need, bit 0 the lowest of the first. */
    record Bitmap<T>(String name, int since, ToLongFunction<T> bits, Function<T, long[]> get) implements Field<T> {}

    /** Texts, each behind its length in one byte, as many as an earlier field says; {@code type} names them in JSON. */
    record Texts<T>(
            String name,
            int since,
            String type,
            ToLongFunction<T> count,
            Function<T, List<String>> get,
            BiConsumer<T, List<String>> set)
            implements Field<T> {}

    /**
     * A nested declaration over a part of the object: its fields, without name, version or length, and its subsections.
     *
     * @param version as which version the part travels
     */
    record Struct<T, S>(String name, int since, VmState<S> type, int version, Function<T, S> get) implements Field<T> {}

    /** Nested declarations back to back; the list has the same length on both sides. */
    record Structs<T, S>(String name, int since, VmState<S> type, Function<T, List<S>> get) implements Field<T> {}

    /** Nested declarations back to back, as many as an earlier field says. */
    record VarStructs<T, S>(
            String name,
            int since,
            VmState<S> type,
            ToLongFunction<T> count,
            Supplier<S> make,
            Function<T, List<S>> get,
            BiConsumer<T, List<S>> set)
            implements Field<T> {}

    /** Parts of which some may be missing, the same ones on both sides; a missing one is the byte 0x30. */
    record Pointers<T, S>(String name, int since, VmState<S> type, Function<T, List<Optional<S>>> get)
            implements Field<T> {}

    /** Parts of which any may be missing, as many as an earlier field says: each is 0x30, or 0x31 and the part. */
    record MadePointers<T, S>(
            String name,
            int since,
            VmState<S> type,
            ToLongFunction<T> count,
            Supplier<S> make,
            Function<T, List<Optional<S>>> get,
            BiConsumer<T, List<Optional<S>>> set)
            implements Field<T> {}

    /** The two lists of unknown length that QEMU has, of the same encoding. */
    enum ListKind {
        QLIST("qlist"),
        QTAILQ("qtailq");

        private final String description;

        ListKind(String description) {
            this.description = description;
        }

        /** The type's name in the JSON description. */
        public String description() {
            return description;
        }
    }

    /** A list of unknown length: 0x01 before each element, 0x00 at the end. */
    record Listed<T, S>(
            String name,
            int since,
            ListKind kind,
            VmState<S> type,
            Supplier<S> make,
            Function<T, List<S>> get,
            BiConsumer<T, List<S>> set)
            implements Field<T> {}

    /** A GTree: the number of nodes in 32 bits, then 0x01, key and value for each, then 0x00. Order is kept. */
    record Tree<T, K, V>(
            String name,
            int since,
            VmState<K> keyType,
            VmState<V> valueType,
            Supplier<K> makeKey,
            Supplier<V> makeValue,
            Function<T, Map<K, V>> get,
            BiConsumer<T, Map<K, V>> set)
            implements Field<T> {}

    /** A file descriptor: one space byte that carries it, or its number (reference/qemu-cpr.md, section 3.1). */
    record Descriptor<T>(String name, int since, ToLongFunction<T> get, ObjLongConsumer<T> set) implements Field<T> {}

    /** Bytes that once meant something: zeros are sent, anything is taken. */
    record Unused<T>(String name, int since, int length) implements Field<T> {}

    /** A form that exists for the journey only: made from the object, it carries its own hooks that copy to and fro. */
    record Temporary<T, S>(String name, int since, VmState<S> type, Function<T, S> make) implements Field<T> {}

    /** No bytes: what must be true of the object when the stream has come this far. */
    record Validation<T>(String name, int since, Presence<T> test) implements Field<T> {}

    /** A field that is in the stream if, and only if, {@code presence} says so, whatever its version. */
    record Conditional<T>(Field<T> field, Presence<T> presence) implements Field<T> {
        @Override
        public String name() {
            return field.name();
        }

        @Override
        public int since() {
            return field.since();
        }
    }
}
