package dev.cprkit.vmm.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes an object's state as its declaration says (encodings: reference/qemu-cpr.md, section 3.10). Stateless; the
 * accessors and hooks run on the calling thread.
 */
public final class StateEncoder {
    /** The byte before a subsection. */
    static final int SUBSECTION = 0x05;
    /** The byte in place of a part that is missing. */
    static final int NULL_MARKER = 0x30;
    /** The byte before a part that is there, where it could be missing on one side only. */
    static final int VALID_MARKER = 0x31;

    private StateEncoder() {}

    /** Writes the fields and the subsections that are needed, without name, version or length. */
    public static <T> void save(VmState<T> type, T owner, StateOutput out) throws StateException, IOException {
        save(type, owner, type.version(), out);
    }

    /** The same, with the fields of an older version of the declaration. */
    static <T> void save(VmState<T> type, T owner, int version, StateOutput out) throws StateException, IOException {
        try {
            type.preSave().run(owner);
        } catch (StateException e) {
            throw new StateException("pre-save for " + type.name() + " failed: " + e.getMessage(), e);
        }
        List<Field<T>> fields = type.fields();
        for (int i = 0; i < fields.size(); i++) {
            Field<T> field = fields.get(i);
            if (VmState.carries(field, owner, version)) {
                try {
                    saveField(type, version, field, owner, out);
                } catch (StateException e) {
                    throw new StateException(
                            "Save of field " + type.name() + "/" + field.name() + " failed: " + e.getMessage(), e);
                }
            }
        }
        List<VmState<T>> parts = type.subsections();
        for (int i = 0; i < parts.size(); i++) {
            VmState<T> part = parts.get(i);
            if (part.needed().test(owner)) {
                out.u8(SUBSECTION);
                out.counted(part.name());
                out.u32(part.version());
                save(part, owner, out);
            }
        }
    }

    /** Writes one field, whether or not the version has it. */
    static <T> void saveField(VmState<T> type, int version, Field<T> field, T owner, StateOutput out)
            throws StateException, IOException {
        switch (field) {
            case Field.Scalar<T> f -> number(f.kind(), f.get().applyAsLong(owner), out);
            case Field.Equal<T> f -> number(f.kind(), f.get().applyAsLong(owner), out);
            case Field.Buffer<T> f -> out.bytes(f.get().apply(owner), 0, f.length());
            case Field.VarBuffer<T> f ->
                out.bytes(
                        f.get().apply(owner),
                        0,
                        StateLimits.bytes(f.name(), f.length().applyAsLong(owner)));
            case Field.Bytes<T> f -> {
                byte[] bytes = f.get().apply(owner);
                out.u32(StateLimits.bytes(f.name(), bytes.length));
                out.bytes(bytes, 0, bytes.length);
            }
            case Field.Longs<T> f -> numbers(f.kind(), f.get().apply(owner), f.count(), out);
            case Field.Ints<T> f -> {
                int[] values = f.get().apply(owner);
                for (int i = 0; i < f.count(); i++) {
                    number(f.kind(), values[i], out);
                }
            }
            case Field.VarLongs<T> f ->
                numbers(
                        f.kind(),
                        f.get().apply(owner),
                        StateLimits.numbers(f.name(), f.count().applyAsLong(owner)),
                        out);
            case Field.Bitmap<T> f ->
                numbers(
                        Field.Kind.U64,
                        f.get().apply(owner),
                        StateLimits.words(f, f.bits().applyAsLong(owner)),
                        out);
            case Field.Texts<T> f -> saveTexts(f, owner, out);
            case Field.Struct<T, ?> f -> saveStruct(f, owner, out);
            case Field.Structs<T, ?> f -> saveStructs(f, owner, out);
            case Field.VarStructs<T, ?> f -> saveCounted(f, owner, out);
            case Field.Pointers<T, ?> f -> savePointers(f, owner, out);
            case Field.MadePointers<T, ?> f -> saveMadePointers(f, owner, out);
            case Field.Listed<T, ?> f -> saveList(f, owner, out);
            case Field.Tree<T, ?, ?> f -> saveTree(f, owner, out);
            case Field.Descriptor<T> f -> out.descriptor((int) f.get().applyAsLong(owner));
            case Field.Unused<T> f -> out.zeros(f.length());
            case Field.Temporary<T, ?> f -> saveTemporary(f, owner, out);
            case Field.Validation<T> f -> {
                if (!f.test().test(owner, version)) {
                    throw new StateException("Output state validation failed: " + type.name() + "/" + f.name());
                }
            }
            case Field.Conditional<T> f -> saveField(type, version, f.field(), owner, out);
        }
    }

    private static <T> void saveTexts(Field.Texts<T> field, T owner, StateOutput out)
            throws StateException, IOException {
        List<String> texts = field.get().apply(owner);
        StateLimits.same(field.name(), field.count().applyAsLong(owner), texts.size());
        for (String text : texts) {
            if (text.getBytes(StandardCharsets.UTF_8).length > StateLimits.MAX_TEXT) {
                throw new StateException("'" + text + "' is longer than " + StateLimits.MAX_TEXT + " bytes");
            }
            out.counted(text);
        }
    }

    private static <T, S> void saveStruct(Field.Struct<T, S> field, T owner, StateOutput out)
            throws StateException, IOException {
        save(field.type(), field.get().apply(owner), field.version(), out);
    }

    private static <T, S> void saveStructs(Field.Structs<T, S> field, T owner, StateOutput out)
            throws StateException, IOException {
        saveAll(field.type(), field.get().apply(owner), out);
    }

    private static <T, S> void saveCounted(Field.VarStructs<T, S> field, T owner, StateOutput out)
            throws StateException, IOException {
        List<S> elements = field.get().apply(owner);
        StateLimits.same(field.name(), field.count().applyAsLong(owner), elements.size());
        saveAll(field.type(), elements, out);
    }

    private static <S> void saveAll(VmState<S> type, List<S> elements, StateOutput out)
            throws StateException, IOException {
        for (S element : elements) {
            save(type, element, out);
        }
    }

    private static <T, S> void savePointers(Field.Pointers<T, S> field, T owner, StateOutput out)
            throws StateException, IOException {
        for (Optional<S> element : field.get().apply(owner)) {
            if (element.isPresent()) {
                save(field.type(), element.get(), out);
            } else {
                out.u8(NULL_MARKER);
            }
        }
    }

    private static <T, S> void saveMadePointers(Field.MadePointers<T, S> field, T owner, StateOutput out)
            throws StateException, IOException {
        List<Optional<S>> elements = field.get().apply(owner);
        StateLimits.same(field.name(), field.count().applyAsLong(owner), elements.size());
        for (Optional<S> element : elements) {
            out.u8(element.isPresent() ? VALID_MARKER : NULL_MARKER);
            if (element.isPresent()) {
                save(field.type(), element.get(), out);
            }
        }
    }

    private static <T, S> void saveList(Field.Listed<T, S> field, T owner, StateOutput out)
            throws StateException, IOException {
        for (S element : field.get().apply(owner)) {
            out.u8(1);
            save(field.type(), element, out);
        }
        out.u8(0);
    }

    private static <T, K, V> void saveTree(Field.Tree<T, K, V> field, T owner, StateOutput out)
            throws StateException, IOException {
        Map<K, V> nodes = field.get().apply(owner);
        out.u32(StateLimits.elements(field.name(), nodes.size()));
        for (Map.Entry<K, V> node : nodes.entrySet()) {
            out.u8(1);
            save(field.keyType(), node.getKey(), out);
            save(field.valueType(), node.getValue(), out);
        }
        out.u8(0);
    }

    private static <T, S> void saveTemporary(Field.Temporary<T, S> field, T owner, StateOutput out)
            throws StateException, IOException {
        save(field.type(), field.make().apply(owner), out);
    }

    private static void numbers(Field.Kind kind, long[] values, int count, StateOutput out) throws IOException {
        for (int i = 0; i < count; i++) {
            number(kind, values[i], out);
        }
    }

    private static void number(Field.Kind kind, long value, StateOutput out) throws IOException {
        switch (kind) {
            case BOOL -> out.u8(value != 0 ? 1 : 0);
            case U8, S8 -> out.u8((int) value);
            case U16, S16 -> out.u16((int) value);
            case U32, S32 -> out.u32((int) value);
            case U64, S64, DOUBLE, TIMER -> out.u64(value);
        }
    }
}
