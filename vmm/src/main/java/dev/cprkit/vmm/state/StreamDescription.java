package dev.cprkit.vmm.state;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The JSON text at the end of a stream that says what every byte of its sections is (reference/qemu-cpr.md, section
 * 3.11). It walks the declarations that wrote the stream, over the same objects. Owned by one thread.
 */
public final class StreamDescription {
    private final StringBuilder json = new StringBuilder(8192);

    private StreamDescription() {}

    /** Describes a stream of that configuration and those sections. */
    public static <C> String of(Section<C> configuration, List<Section<?>> sections, int pageSize)
            throws StateException {
        StreamDescription text = new StreamDescription();
        text.json.append("{\"configuration\":{");
        text.type(configuration.type(), configuration.owner());
        text.json.append("},\"page_size\":").append(pageSize).append(",\"devices\":[");
        for (int i = 0; i < sections.size(); i++) {
            text.comma(i);
            text.section(sections.get(i));
        }
        text.json.append("]}");
        return text.json.toString();
    }

    private <T> void section(Section<T> section) throws StateException {
        json.append('{');
        string("name", section.idstr());
        json.append(",\"instance_id\":")
                .append(Integer.toUnsignedLong(section.instance()))
                .append(',');
        type(section.type(), section.owner());
        json.append('}');
    }

    private <T> void type(VmState<T> type, T owner) throws StateException {
        type(type, owner, type.version());
    }

    private <T> void type(VmState<T> type, T owner, int version) throws StateException {
        string("vmsd_name", type.name());
        json.append(",\"version\":").append(version).append(",\"fields\":[");
        int count = 0;
        for (Field<T> field : type.fields()) {
            if (VmState.carries(field, owner, version)) {
                count = field(type, field, owner, count);
            }
        }
        json.append(']');
        int parts = 0;
        for (VmState<T> part : type.subsections()) {
            if (part.needed().test(owner)) {
                json.append(parts == 0 ? ",\"subsections\":[{" : ",{");
                type(part, owner);
                json.append('}');
                parts++;
            }
        }
        if (parts > 0) {
            json.append(']');
        }
    }

    /** Appends one field, or one entry for each element, and returns the new count of entries. */
    private <T> int field(VmState<T> type, Field<T> field, T owner, int count) throws StateException {
        return switch (field) {
            case Field.Scalar<T> f ->
                plain(count, f.name(), 0, f.kind().description(), f.kind().bytes());
            case Field.Equal<T> f ->
                plain(count, f.name(), 0, equal(f.kind()), f.kind().bytes());
            case Field.Buffer<T> f -> plain(count, f.name(), 0, "buffer", f.length());
            case Field.VarBuffer<T> f ->
                plain(count, f.name(), 0, "buffer", f.length().applyAsLong(owner));
            case Field.Bytes<T> f -> plain(count, f.name(), 0, "gbytearray", size(type, f, owner));
            case Field.Longs<T> f -> numbers(count, f.name(), f.count(), f.kind());
            case Field.Ints<T> f -> numbers(count, f.name(), f.count(), f.kind());
            case Field.VarLongs<T> f -> numbers(count, f.name(), f.count().applyAsLong(owner), f.kind());
            case Field.Bitmap<T> f -> plain(count, f.name(), 0, "bitmap", size(type, f, owner));
            case Field.Texts<T> f -> texts(f, owner, count);
            case Field.Struct<T, ?> f -> struct(f, owner, count);
            case Field.Structs<T, ?> f -> fixedStructs(f, owner, count);
            case Field.VarStructs<T, ?> f -> varStructs(f, owner, count);
            case Field.Pointers<T, ?> f -> pointers(f, owner, count);
            case Field.MadePointers<T, ?> f -> madePointers(f, owner, count);
            case Field.Listed<T, ?> f -> plain(count, f.name(), 0, f.kind().description(), size(type, f, owner));
            case Field.Tree<T, ?, ?> f -> plain(count, f.name(), 0, "gtree", size(type, f, owner));
            case Field.Descriptor<T> f -> plain(count, f.name(), 0, "fd", 1);
            case Field.Unused<T> f -> plain(count, f.name(), 0, "unused_buffer", f.length());
            case Field.Temporary<T, ?> f -> plain(count, f.name(), 0, "tmp", size(type, f, owner));
            case Field.Validation<T> f -> count;
            case Field.Conditional<T> f -> field(type, f.field(), owner, count);
        };
    }

    /** QEMU calls a compared number of 64 bits signed, whether it is or not. */
    private static String equal(Field.Kind kind) {
        return (kind == Field.Kind.U64 ? Field.Kind.S64.description() : kind.description()) + " equal";
    }

    private static <T> long size(VmState<T> type, Field<T> field, T owner) throws StateException {
        return StateSize.ofField(type, field, owner);
    }

    /** An array without elements has no entry: nothing could be told of it by one. */
    private int numbers(int count, String name, long length, Field.Kind kind) {
        return length == 0 ? count : plain(count, name, length, kind.description(), kind.bytes());
    }

    private <T> int texts(Field.Texts<T> field, T owner, int count) {
        List<String> texts = field.get().apply(owner);
        for (int i = 0; i < texts.size(); i++) {
            element(count + i, field.name(), i, field.type(), 1 + texts.get(i).getBytes(StandardCharsets.UTF_8).length);
        }
        return count + texts.size();
    }

    private void element(int count, String name, int index, String type, int size) {
        open(count, name);
        json.append(",\"index\":").append(index).append(',');
        string("type", type);
        json.append(",\"size\":").append(size).append('}');
    }

    private <T, S> int pointers(Field.Pointers<T, S> field, T owner, int count) throws StateException {
        List<Optional<S>> elements = field.get().apply(owner);
        for (int i = 0; i < elements.size(); i++) {
            pointer(count + i, field.name(), i, field.type(), elements.get(i));
        }
        return count + elements.size();
    }

    private <S> void pointer(int count, String name, int index, VmState<S> type, Optional<S> element)
            throws StateException {
        if (element.isPresent()) {
            open(count, name);
            json.append(",\"index\":").append(index);
            nested(type, element.get(), type.version());
        } else {
            element(count, name, index, "nullptr", 1);
        }
    }

    private <T, S> int madePointers(Field.MadePointers<T, S> field, T owner, int count) throws StateException {
        List<Optional<S>> elements = field.get().apply(owner);
        int next = count;
        for (int i = 0; i < elements.size(); i++) {
            if (elements.get(i).isPresent()) {
                element(next, field.name(), i, "uint8", 1);
                next++;
            }
            pointer(next, field.name(), i, field.type(), elements.get(i));
            next++;
        }
        return next;
    }

    private int plain(int count, String name, long length, String type, long size) {
        open(count, name);
        if (length > 0) {
            json.append(",\"array_len\":").append(length);
        }
        json.append(',');
        string("type", type);
        json.append(",\"size\":").append(size).append('}');
        return count + 1;
    }

    private <T, S> int struct(Field.Struct<T, S> field, T owner, int count) throws StateException {
        open(count, field.name());
        nested(field.type(), field.get().apply(owner), field.version());
        return count + 1;
    }

    private <T, S> int fixedStructs(Field.Structs<T, S> field, T owner, int count) throws StateException {
        return structs(field.name(), field.type(), field.get().apply(owner), count);
    }

    private <T, S> int varStructs(Field.VarStructs<T, S> field, T owner, int count) throws StateException {
        return structs(field.name(), field.type(), field.get().apply(owner), count);
    }

    private <S> int structs(String name, VmState<S> type, List<S> elements, int count) throws StateException {
        for (int i = 0; i < elements.size(); i++) {
            open(count + i, name);
            json.append(",\"index\":").append(i);
            nested(type, elements.get(i), type.version());
        }
        return count + elements.size();
    }

    private <S> void nested(VmState<S> type, S owner, int version) throws StateException {
        json.append(",\"type\":\"struct\",\"struct\":{");
        type(type, owner, version);
        json.append("},\"size\":").append(StateSize.of(type, owner, version)).append('}');
    }

    private void open(int count, String name) {
        comma(count);
        json.append('{');
        string("name", name);
    }

    private void comma(int count) {
        if (count > 0) {
            json.append(',');
        }
    }

    private void string(String name, String value) {
        json.append('"').append(name).append("\":\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
