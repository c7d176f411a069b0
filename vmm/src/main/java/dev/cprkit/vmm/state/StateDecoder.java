package dev.cprkit.vmm.state;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Reads an object's state as its declaration says, with QEMU's checks and texts (reference/qemu-cpr.md, section 3.10).
 * Hooks and accessors run on the calling thread. A decoder that rehearses walks the same way but changes nothing: it
 * calls no setter and no hook, and reads into arrays of its own.
 */
public final class StateDecoder {
    private final StateInput in;
    private final boolean rehearse;

    private StateDecoder(StateInput in, boolean rehearse) {
        this.in = in;
        this.rehearse = rehearse;
    }

    /**
     * Reads state of that version into the object. If it throws, the object is half written: do not use it.
     *
     * @throws StateException if what comes is not state that the declaration can take, or ends early
     * @throws IOException if nothing comes any more for another reason than its end
     */
    public static <T> void load(VmState<T> type, T owner, int version, StateInput in)
            throws StateException, IOException {
        new StateDecoder(in, false).body(type, owner, version);
    }

    /** Reads state that this same object wrote, and changes nothing. */
    public static <T> void rehearse(VmState<T> type, T owner, int version, StateInput in)
            throws StateException, IOException {
        new StateDecoder(in, true).body(type, owner, version);
    }

    private <T> void body(VmState<T> type, T owner, int version) throws StateException, IOException {
        check(type, version);
        if (!rehearse) {
            try {
                type.preLoad().run(owner);
            } catch (StateException e) {
                throw new StateException(
                        "pre load hook failed for: '" + type.name() + "', version_id: " + type.version()
                                + ", minimum version_id: " + type.minimumVersion() + ": " + e.getMessage(),
                        e);
            }
        }
        List<Field<T>> fields = type.fields();
        for (int i = 0; i < fields.size(); i++) {
            Field<T> field = fields.get(i);
            if (VmState.carries(field, owner, version)) {
                try {
                    loadField(type, version, field, owner);
                } catch (EOFException e) {
                    throw new StateException("Failed to load " + type.name() + " state: stream error: -5", e);
                }
            }
        }
        subsections(type, owner);
        if (!rehearse) {
            try {
                type.postLoad().run(owner, version);
            } catch (StateException e) {
                throw new StateException(
                        "post load hook failed for: " + type.name() + ", version_id: " + type.version()
                                + ", minimum_version: " + type.minimumVersion() + ": " + e.getMessage(),
                        e);
            }
        }
    }

    private static void check(VmState<?> type, int version) throws StateException {
        if (Integer.compareUnsigned(version, type.version()) > 0) {
            throw new StateException(type.name() + ": incoming version_id " + Integer.toUnsignedString(version)
                    + " is too new for local version_id " + type.version());
        }
        if (version < type.minimumVersion()) {
            throw new StateException(type.name() + ": incoming version_id " + version
                    + " is too old for local minimum version_id " + type.minimumVersion());
        }
    }

    /** A 0x05 whose name does not begin with this declaration's belongs to someone further out and is left there. */
    private <T> void subsections(VmState<T> type, T owner) throws StateException, IOException {
        int prefix = type.name().length();
        while (in.peek(0) == StateEncoder.SUBSECTION) {
            int length = in.peek(1);
            if (length < prefix + 1 || in.peek(1 + length) < 0) {
                return;
            }
            StringBuilder name = new StringBuilder(length);
            for (int i = 0; i < length; i++) {
                name.append((char) in.peek(2 + i));
            }
            String text = name.toString();
            if (!text.startsWith(type.name())) {
                return;
            }
            VmState<T> part = find(type, text);
            in.skip(2L + length);
            try {
                body(part, owner, in.u32());
            } catch (EOFException e) {
                throw new StateException("Failed to load " + part.name() + " state: stream error: -5", e);
            } catch (StateException e) {
                throw new StateException(
                        "Loading VM subsection '" + text + "' in '" + type.name() + "' failed: " + e.getMessage(), e);
            }
        }
    }

    private static <T> VmState<T> find(VmState<T> type, String name) throws StateException {
        for (VmState<T> part : type.subsections()) {
            if (part.name().equals(name)) {
                return part;
            }
        }
        throw new StateException(
                "VM subsection '" + StateException.printable(name) + "' in '" + type.name() + "' does not exist");
    }

    private <T> void loadField(VmState<T> type, int version, Field<T> field, T owner)
            throws StateException, IOException {
        switch (field) {
            case Field.Scalar<T> f -> {
                long value = number(f.kind());
                if (!rehearse) {
                    f.set().accept(owner, value);
                }
            }
            case Field.Equal<T> f -> compare(f, f.get().applyAsLong(owner), number(f.kind()));
            case Field.Buffer<T> f -> {
                byte[] bytes = rehearse ? new byte[f.length()] : f.get().apply(owner);
                in.bytes(bytes, 0, f.length());
            }
            case Field.VarBuffer<T> f -> {
                byte[] bytes = in.bytes(StateLimits.bytes(f.name(), f.length().applyAsLong(owner)));
                if (!rehearse) {
                    f.set().accept(owner, bytes);
                }
            }
            case Field.Bytes<T> f -> {
                byte[] bytes = in.bytes(StateLimits.bytes(f.name(), in.u32() & 0xffff_ffffL));
                if (!rehearse) {
                    f.set().accept(owner, bytes);
                }
            }
            case Field.Longs<T> f ->
                fill(f.kind(), rehearse ? new long[f.count()] : f.get().apply(owner), f.count());
            case Field.Ints<T> f -> {
                int[] values = rehearse ? new int[f.count()] : f.get().apply(owner);
                for (int i = 0; i < f.count(); i++) {
                    values[i] = (int) number(f.kind());
                }
            }
            case Field.VarLongs<T> f -> {
                long[] values = numbers(
                        f.kind(), StateLimits.numbers(f.name(), f.count().applyAsLong(owner)));
                if (!rehearse) {
                    f.set().accept(owner, values);
                }
            }
            case Field.Bitmap<T> f -> {
                int words = StateLimits.words(f, f.bits().applyAsLong(owner));
                fill(Field.Kind.U64, rehearse ? new long[words] : f.get().apply(owner), words);
            }
            case Field.Texts<T> f -> loadTexts(f, owner);
            case Field.Struct<T, ?> f -> loadStruct(f, owner);
            case Field.Structs<T, ?> f -> loadStructs(f, owner);
            case Field.VarStructs<T, ?> f -> loadCounted(f, owner);
            case Field.Pointers<T, ?> f -> loadPointers(f, owner);
            case Field.MadePointers<T, ?> f -> loadMadePointers(f, owner);
            case Field.Listed<T, ?> f -> loadList(f, owner);
            case Field.Tree<T, ?, ?> f -> loadTree(f, owner);
            case Field.Descriptor<T> f -> {
                int fd = in.descriptor();
                f.set().accept(owner, fd);
            }
            case Field.Unused<T> f -> in.skip(f.length());
            case Field.Temporary<T, ?> f -> loadTemporary(f, owner);
            case Field.Validation<T> f -> {
                if (!rehearse && !f.test().test(owner, version)) {
                    throw new StateException("Input validation failed: " + type.name() + "/" + f.name()
                            + " version_id: " + type.version());
                }
            }
            case Field.Conditional<T> f -> loadField(type, version, f.field(), owner);
        }
    }

    private <T> void loadTexts(Field.Texts<T> field, T owner) throws StateException, IOException {
        int count = StateLimits.elements(field.name(), field.count().applyAsLong(owner));
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(in.counted());
        }
        if (!rehearse) {
            field.set().accept(owner, texts);
        }
    }

    private <T, S> void loadStruct(Field.Struct<T, S> field, T owner) throws StateException, IOException {
        body(field.type(), field.get().apply(owner), field.version());
    }

    private <T, S> void loadStructs(Field.Structs<T, S> field, T owner) throws StateException, IOException {
        for (S element : field.get().apply(owner)) {
            body(field.type(), element, field.type().version());
        }
    }

    private <T, S> void loadCounted(Field.VarStructs<T, S> field, T owner) throws StateException, IOException {
        int count = StateLimits.elements(field.name(), field.count().applyAsLong(owner));
        List<S> elements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            elements.add(make(field.type(), field.make()));
        }
        if (!rehearse) {
            field.set().accept(owner, elements);
        }
    }

    private <S> S make(VmState<S> type, Supplier<S> make) throws StateException, IOException {
        S element = make.get();
        body(type, element, type.version());
        return element;
    }

    private <T, S> void loadPointers(Field.Pointers<T, S> field, T owner) throws StateException, IOException {
        for (Optional<S> element : field.get().apply(owner)) {
            if (element.isPresent()) {
                body(field.type(), element.get(), field.type().version());
            } else if (in.u8() != StateEncoder.NULL_MARKER) {
                throw new StateException(field.name() + ": expected the marker of a missing element");
            }
        }
    }

    private <T, S> void loadMadePointers(Field.MadePointers<T, S> field, T owner) throws StateException, IOException {
        int count = StateLimits.elements(field.name(), field.count().applyAsLong(owner));
        List<Optional<S>> elements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int marker = in.u8();
            switch (marker) {
                case StateEncoder.NULL_MARKER -> elements.add(Optional.empty());
                case StateEncoder.VALID_MARKER -> elements.add(Optional.of(make(field.type(), field.make())));
                default -> throw new StateException("Unexpected ptr marker: " + marker);
            }
        }
        if (!rehearse) {
            field.set().accept(owner, elements);
        }
    }

    private <T, S> void loadList(Field.Listed<T, S> field, T owner) throws StateException, IOException {
        List<S> list = new ArrayList<>();
        for (int mark = in.u8(); mark != 0; mark = in.u8()) {
            StateLimits.elements(field.name(), list.size() + 1L);
            list.add(make(field.type(), field.make()));
        }
        if (!rehearse) {
            field.set().accept(owner, list);
        }
    }

    private <T, K, V> void loadTree(Field.Tree<T, K, V> field, T owner) throws StateException, IOException {
        int count = StateLimits.elements(field.name(), in.u32() & 0xffff_ffffL);
        Map<K, V> nodes = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            if (in.u8() == 0) {
                throw new StateException(field.name() + " has " + i + " nodes, but its count says " + count);
            }
            K key = make(field.keyType(), field.makeKey());
            nodes.put(key, make(field.valueType(), field.makeValue()));
        }
        if (in.u8() != 0) {
            throw new StateException(field.name() + " has more than the " + count + " nodes that its count says");
        }
        if (!rehearse) {
            field.set().accept(owner, nodes);
        }
    }

    private <T, S> void loadTemporary(Field.Temporary<T, S> field, T owner) throws StateException, IOException {
        body(field.type(), field.make().apply(owner), field.type().version());
    }

    private long[] numbers(Field.Kind kind, int count) throws IOException {
        long[] values = new long[Math.min(count, FIRST_NUMBERS)];
        for (int i = 0; i < count; i++) {
            if (i == values.length) {
                values = Arrays.copyOf(values, Math.min(count, 2 * i));
            }
            values[i] = number(kind);
        }
        return values;
    }

    /** How many numbers memory is taken for before any has come. */
    private static final int FIRST_NUMBERS = 1024;

    private void fill(Field.Kind kind, long[] values, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            values[i] = number(kind);
        }
    }

    private long number(Field.Kind kind) throws IOException {
        return switch (kind) {
            case BOOL -> in.u8() != 0 ? 1 : 0;
            case U8 -> in.u8();
            case S8 -> (byte) in.u8();
            case U16 -> in.u16();
            case S16 -> (short) in.u16();
            case U32 -> in.u32() & 0xffff_ffffL;
            case S32 -> in.u32();
            case U64, S64, DOUBLE, TIMER -> in.u64();
        };
    }

    private static void compare(Field.Equal<?> field, long local, long received) throws StateException {
        long mask = field.kind().bytes() == 8 ? -1 : (1L << 8 * field.kind().bytes()) - 1;
        if ((local & mask) != (received & mask)) {
            throw new StateException(Long.toHexString(local & mask) + " != " + Long.toHexString(received & mask)
                    + (field.hint().isEmpty() ? "" : ": " + field.hint()));
        }
    }
}
