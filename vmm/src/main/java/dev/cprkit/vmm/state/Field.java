package dev.cprkit.vmm.state;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * One piece of an object's travelling state, as data: the encoder, the decoder and the stream's JSON description all
 * walk the same declaration (encodings: reference/qemu-cpr.md, section 3.10). All integers are big-endian.
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
        S32("int32", 4),
        S64("int64", 8),
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

    /** One number. Narrow kinds take the low bits when saved and are zero-extended (S32: sign-extended) when loaded. */
    record Scalar<T>(String name, int since, Kind kind, ToLongFunction<T> get, ObjLongConsumer<T> set)
            implements Field<T> {}

    /** A number that both sides must agree on: it is sent, and the reader compares it with its own. */
    record Equal<T>(String name, int since, Kind kind, ToLongFunction<T> get, String hint) implements Field<T> {}

    /** Raw bytes of a fixed length, in place: the array that {@code get} returns is sent, or filled. */
    record Buffer<T>(String name, int since, int length, Function<T, byte[]> get) implements Field<T> {}

    /** Raw bytes whose length an earlier field carries; loading allocates {@code length} bytes and hands them over. */
    record VarBuffer<T>(
            String name, int since, ToLongFunction<T> length, Function<T, byte[]> get, BiConsumer<T, byte[]> set)
            implements Field<T> {}

    /** A fixed number of numbers, in place: {@code get} returns the array that is sent, or filled. */
    record Longs<T>(String name, int since, Kind kind, int count, Function<T, long[]> get) implements Field<T> {}

    /** As {@link Longs}, for an array of ints. */
    record Ints<T>(String name, int since, Kind kind, int count, Function<T, int[]> get) implements Field<T> {}

    /** A nested declaration over a part of the object: its fields, without name, version or length, and its subsections. */
    record Struct<T, S>(String name, int since, VmState<S> type, Function<T, S> get) implements Field<T> {}

    /** Nested declarations back to back; the list has the same length on both sides. */
    record Structs<T, S>(String name, int since, VmState<S> type, Function<T, List<S>> get) implements Field<T> {}

    /** A list of unknown length (QLIST): 0x01 before each element, 0x00 at the end. */
    record Listed<T, S>(
            String name,
            int since,
            VmState<S> type,
            Supplier<S> make,
            Function<T, List<S>> get,
            BiConsumer<T, List<S>> set)
            implements Field<T> {}

    /** A file descriptor: one space byte that carries it, or its number (reference/qemu-cpr.md, section 3.1). */
    record Descriptor<T>(String name, int since, ToLongFunction<T> get, ObjLongConsumer<T> set) implements Field<T> {}

    /** Bytes that once meant something: zeros are sent, anything is taken. */
    record Unused<T>(String name, int since, int length) implements Field<T> {}
}
