package dev.cprkit.vmm.state;

import java.util.List;

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
        json.append(",\"instance_id\":").append(section.instance()).append(',');
        type(section.type(), section.owner());
        json.append('}');
    }

    private <T> void type(VmState<T> type, T owner) throws StateException {
        string("vmsd_name", type.name());
        json.append(",\"version\":").append(type.version()).append(",\"fields\":[");
        int count = 0;
        for (Field<T> field : type.fields()) {
            if (field.since() <= type.version()) {
                count = field(field, owner, count);
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
    private <T> int field(Field<T> field, T owner, int count) throws StateException {
        return switch (field) {
            case Field.Scalar<T> f ->
                plain(count, f.name(), 0, f.kind().description(), f.kind().bytes());
            case Field.Equal<T> f ->
                plain(
                        count,
                        f.name(),
                        0,
                        f.kind().description() + " equal",
                        f.kind().bytes());
            case Field.Buffer<T> f -> plain(count, f.name(), 0, "buffer", f.length());
            case Field.VarBuffer<T> f ->
                plain(count, f.name(), 0, "buffer", f.length().applyAsLong(owner));
            case Field.Longs<T> f ->
                plain(
                        count,
                        f.name(),
                        f.count(),
                        f.kind().description(),
                        f.kind().bytes());
            case Field.Ints<T> f ->
                plain(
                        count,
                        f.name(),
                        f.count(),
                        f.kind().description(),
                        f.kind().bytes());
            case Field.Struct<T, ?> f -> struct(f, owner, count);
            case Field.Structs<T, ?> f -> structs(f, owner, count);
            case Field.Listed<T, ?> f -> plain(count, f.name(), 0, "qlist", listSize(f, owner));
            case Field.Descriptor<T> f -> plain(count, f.name(), 0, "fd", 1);
            case Field.Unused<T> f -> plain(count, f.name(), 0, "unused_buffer", f.length());
        };
    }

    private int plain(int count, String name, int length, String type, long size) {
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
        nested(field.type(), field.get().apply(owner));
        return count + 1;
    }

    private <T, S> int structs(Field.Structs<T, S> field, T owner, int count) throws StateException {
        List<S> elements = field.get().apply(owner);
        for (int i = 0; i < elements.size(); i++) {
            open(count + i, field.name());
            json.append(",\"index\":").append(i);
            nested(field.type(), elements.get(i));
        }
        return count + elements.size();
    }

    private <S> void nested(VmState<S> type, S owner) throws StateException {
        json.append(",\"type\":\"struct\",\"struct\":{");
        type(type, owner);
        json.append("},\"size\":").append(StateSize.of(type, owner)).append('}');
    }

    private static <T, S> long listSize(Field.Listed<T, S> field, T owner) throws StateException {
        long size = 1;
        for (S element : field.get().apply(owner)) {
            size += 1 + StateSize.of(field.type(), element);
        }
        return size;
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
