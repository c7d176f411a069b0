package dev.cprkit.vmm.state;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads an object's state as its declaration says, with QEMU's checks and texts (reference/qemu-cpr.md, section 3.10).
 * Hooks and accessors run on the calling thread. A decoder that rehearses walks the same way but changes nothing: it
 * calls no setter and no hook, and reads into arrays of its own.
 */
public final class StateDecoder {
    private static final int MAX_LIST = 1 << 16;

    private final StateInput in;
    private final boolean rehearse;

    private StateDecoder(StateInput in, boolean rehearse) {
        this.in = in;
        this.rehearse = rehearse;
    }

    /** Reads state of that version into the object. If it throws, the object is half written: do not use it. */
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
            if (field.since() <= version) {
                try {
                    loadField(field, owner);
                } catch (EOFException e) {
                    throw ended(type, e);
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

    private static IOException ended(VmState<?> type, EOFException e) {
        IOException error = new IOException("Failed to load " + type.name() + " state: stream error: -5", e);
        return error;
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
                throw ended(part, e);
            }
        }
    }

    private static <T> VmState<T> find(VmState<T> type, String name) throws StateException {
        for (VmState<T> part : type.subsections()) {
            if (part.name().equals(name)) {
                return part;
            }
        }
        throw new StateException("VM subsection '" + name + "' in '" + type.name() + "' does not exist");
    }

    private <T> void loadField(Field<T> field, T owner) throws StateException, IOException {
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
                byte[] bytes = new byte[StateEncoder.length(f.name(), f.length().applyAsLong(owner))];
                in.bytes(bytes, 0, bytes.length);
                if (!rehearse) {
                    f.set().accept(owner, bytes);
                }
            }
            case Field.Longs<T> f -> {
                long[] values = rehearse ? new long[f.count()] : f.get().apply(owner);
                for (int i = 0; i < f.count(); i++) {
                    values[i] = number(f.kind());
                }
            }
            case Field.Ints<T> f -> {
                int[] values = rehearse ? new int[f.count()] : f.get().apply(owner);
                for (int i = 0; i < f.count(); i++) {
                    values[i] = (int) number(f.kind());
                }
            }
            case Field.Struct<T, ?> f -> loadStruct(f, owner);
            case Field.Structs<T, ?> f -> loadStructs(f, owner);
            case Field.Listed<T, ?> f -> loadList(f, owner);
            case Field.Descriptor<T> f -> {
                int fd = in.descriptor();
                f.set().accept(owner, fd);
            }
            case Field.Unused<T> f -> in.skip(f.length());
        }
    }

    private <T, S> void loadStruct(Field.Struct<T, S> field, T owner) throws StateException, IOException {
        S part = field.get().apply(owner);
        body(field.type(), part, field.type().version());
    }

    private <T, S> void loadStructs(Field.Structs<T, S> field, T owner) throws StateException, IOException {
        for (S element : field.get().apply(owner)) {
            body(field.type(), element, field.type().version());
        }
    }

    private <T, S> void loadList(Field.Listed<T, S> field, T owner) throws StateException, IOException {
        List<S> list = new ArrayList<>();
        for (int mark = in.u8(); mark != 0; mark = in.u8()) {
            if (list.size() == MAX_LIST) {
                throw new StateException(field.name() + " has more than " + MAX_LIST + " elements");
            }
            S element = field.make().get();
            body(field.type(), element, field.type().version());
            list.add(element);
        }
        if (!rehearse) {
            field.set().accept(owner, list);
        }
    }

    private long number(Field.Kind kind) throws IOException {
        return switch (kind) {
            case BOOL -> in.u8() != 0 ? 1 : 0;
            case U8 -> in.u8();
            case U16 -> in.u16();
            case U32 -> in.u32() & 0xffff_ffffL;
            case S32 -> in.u32();
            case U64, S64, TIMER -> in.u64();
        };
    }

    private static void compare(Field.Equal<?> field, long local, long received) throws StateException {
        long mask = field.kind().bytes() == 8 ? -1 : (1L << 8 * field.kind().bytes()) - 1;
        if ((local & mask) != (received & mask)) {
            throw new StateException("Failed to load element of type "
                    + field.kind().description() + " equal for " + field.name() + ": " + Long.toHexString(local & mask)
                    + " != " + Long.toHexString(received & mask)
                    + (field.hint().isEmpty() ? "" : ": " + field.hint()));
        }
    }
}
