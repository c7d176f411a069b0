package dev.cprkit.vmm.state;

import java.io.IOException;
import java.util.List;

/**
 * Writes an object's state as its declaration says (encodings: reference/qemu-cpr.md, section 3.10). Stateless; the
 * accessors and hooks run on the calling thread.
 */
public final class StateEncoder {
    /** The byte before a subsection. */
    static final int SUBSECTION = 0x05;

    private StateEncoder() {}

    /** Writes the fields and the subsections that are needed, without name, version or length. */
    public static <T> void save(VmState<T> type, T owner, StateOutput out) throws StateException, IOException {
        try {
            type.preSave().run(owner);
        } catch (StateException e) {
            throw new StateException("pre-save for " + type.name() + " failed: " + e.getMessage(), e);
        }
        List<Field<T>> fields = type.fields();
        for (int i = 0; i < fields.size(); i++) {
            Field<T> field = fields.get(i);
            if (field.since() <= type.version()) {
                saveField(field, owner, out);
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

    private static <T> void saveField(Field<T> field, T owner, StateOutput out) throws StateException, IOException {
        switch (field) {
            case Field.Scalar<T> f -> number(f.kind(), f.get().applyAsLong(owner), out);
            case Field.Equal<T> f -> number(f.kind(), f.get().applyAsLong(owner), out);
            case Field.Buffer<T> f -> out.bytes(f.get().apply(owner), 0, f.length());
            case Field.VarBuffer<T> f ->
                out.bytes(f.get().apply(owner), 0, length(f.name(), f.length().applyAsLong(owner)));
            case Field.Longs<T> f -> {
                long[] values = f.get().apply(owner);
                for (int i = 0; i < f.count(); i++) {
                    number(f.kind(), values[i], out);
                }
            }
            case Field.Ints<T> f -> {
                int[] values = f.get().apply(owner);
                for (int i = 0; i < f.count(); i++) {
                    number(f.kind(), values[i], out);
                }
            }
            case Field.Struct<T, ?> f -> saveStruct(f, owner, out);
            case Field.Structs<T, ?> f -> saveStructs(f, owner, out);
            case Field.Listed<T, ?> f -> saveList(f, owner, out);
            case Field.Descriptor<T> f -> out.descriptor((int) f.get().applyAsLong(owner));
            case Field.Unused<T> f -> out.zeros(f.length());
        }
    }

    private static <T, S> void saveStruct(Field.Struct<T, S> field, T owner, StateOutput out)
            throws StateException, IOException {
        save(field.type(), field.get().apply(owner), out);
    }

    private static <T, S> void saveStructs(Field.Structs<T, S> field, T owner, StateOutput out)
            throws StateException, IOException {
        for (S element : field.get().apply(owner)) {
            save(field.type(), element, out);
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

    private static void number(Field.Kind kind, long value, StateOutput out) throws IOException {
        switch (kind) {
            case BOOL -> out.u8(value != 0 ? 1 : 0);
            case U8 -> out.u8((int) value);
            case U16 -> out.u16((int) value);
            case U32, S32 -> out.u32((int) value);
            case U64, S64, TIMER -> out.u64(value);
        }
    }

    /** The longest buffer whose length travels: far more than any device has, far less than would exhaust the heap. */
    static final int MAX_BUFFER = 64 << 20;

    static int length(String field, long length) throws StateException {
        if (length < 0 || length > MAX_BUFFER) {
            throw new StateException(
                    field + " has " + Long.toUnsignedString(length) + " bytes; at most " + MAX_BUFFER + " can travel");
        }
        return (int) length;
    }
}
