package dev.cprkit.vmm.state;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the bytes of a declaration follow one another, without the object: what two builds must agree on for one version of
 * it. Names do not matter, nor what a byte means; fixed lengths are added up. Stateless.
 */
final class StateLayout {
    /** A declaration inside another, and the version as which it travels there. */
    record Part(VmState<?> type, int version, boolean subsection) {}

    /** A declaration that a field has, the version as which it travels, and what of it the object has now. */
    record Nested<S>(VmState<S> type, int version, List<S> owners) {}

    private final StringBuilder text = new StringBuilder();
    private long fixed;

    private StateLayout() {}

    /** The layout of that version, as text to compare. */
    static <T> String of(VmState<T> type, int version) {
        StateLayout layout = new StateLayout();
        for (Field<T> field : type.fields()) {
            if (field instanceof Field.Conditional<T> conditional) {
                layout.mark("?");
                layout.field(conditional.field());
                layout.mark("");
            } else if (field.since() <= version) {
                layout.field(field);
            }
        }
        layout.mark("");
        return layout.text.toString();
    }

    /** Every declaration inside a declaration, by its path: {@code /field} for a field, {@code >name} for a subsection. */
    static Map<String, Part> parts(VmState<?> type) {
        Map<String, Part> parts = new LinkedHashMap<>();
        collect("", type, parts);
        return parts;
    }

    private static <T> void collect(String path, VmState<T> type, Map<String, Part> parts) {
        for (Field<T> field : type.fields()) {
            for (Nested<?> nested : nested(field, Optional.empty())) {
                String at = path + "/" + field.name();
                parts.put(at, new Part(nested.type(), nested.version(), false));
                collect(at, nested.type(), parts);
            }
        }
        for (VmState<T> part : type.subsections()) {
            String at = path + ">" + part.name();
            parts.put(at, new Part(part, part.version(), true));
            collect(at, part, parts);
        }
    }

    /** The declarations that a field has, with what the object has of them if there is one. */
    static <T> List<Nested<?>> nested(Field<T> field, Optional<T> owner) {
        return switch (field) {
            case Field.Struct<T, ?> f -> struct(f, owner);
            case Field.Structs<T, ?> f -> structs(f, owner);
            case Field.VarStructs<T, ?> f -> varStructs(f, owner);
            case Field.Pointers<T, ?> f -> pointers(f, owner);
            case Field.MadePointers<T, ?> f -> madePointers(f, owner);
            case Field.Listed<T, ?> f -> listed(f, owner);
            case Field.Tree<T, ?, ?> f -> tree(f, owner);
            case Field.Temporary<T, ?> f -> temporary(f, owner);
            case Field.Conditional<T> f -> nested(f.field(), owner);
            case Field.Scalar<T> f -> List.of();
            case Field.Equal<T> f -> List.of();
            case Field.Buffer<T> f -> List.of();
            case Field.VarBuffer<T> f -> List.of();
            case Field.Bytes<T> f -> List.of();
            case Field.Longs<T> f -> List.of();
            case Field.Ints<T> f -> List.of();
            case Field.VarLongs<T> f -> List.of();
            case Field.Bitmap<T> f -> List.of();
            case Field.Texts<T> f -> List.of();
            case Field.Descriptor<T> f -> List.of();
            case Field.Unused<T> f -> List.of();
            case Field.Validation<T> f -> List.of();
        };
    }

    private static <T, S> List<Nested<?>> struct(Field.Struct<T, S> f, Optional<T> owner) {
        return one(f.type(), f.version(), owner.map(o -> List.of(f.get().apply(o))));
    }

    private static <T, S> List<Nested<?>> structs(Field.Structs<T, S> f, Optional<T> owner) {
        return one(f.type(), f.type().version(), owner.map(f.get()));
    }

    private static <T, S> List<Nested<?>> varStructs(Field.VarStructs<T, S> f, Optional<T> owner) {
        return one(f.type(), f.type().version(), owner.map(f.get()));
    }

    private static <T, S> List<Nested<?>> pointers(Field.Pointers<T, S> f, Optional<T> owner) {
        return one(f.type(), f.type().version(), owner.map(f.get()).map(StateLayout::present));
    }

    private static <T, S> List<Nested<?>> madePointers(Field.MadePointers<T, S> f, Optional<T> owner) {
        return one(f.type(), f.type().version(), owner.map(f.get()).map(StateLayout::present));
    }

    private static <T, S> List<Nested<?>> listed(Field.Listed<T, S> f, Optional<T> owner) {
        return one(f.type(), f.type().version(), owner.map(f.get()));
    }

    private static <T, K, V> List<Nested<?>> tree(Field.Tree<T, K, V> f, Optional<T> owner) {
        List<V> values = new ArrayList<>();
        owner.ifPresent(o -> values.addAll(f.get().apply(o).values()));
        return one(f.valueType(), f.valueType().version(), Optional.of(values));
    }

    private static <T, S> List<Nested<?>> temporary(Field.Temporary<T, S> f, Optional<T> owner) {
        return one(f.type(), f.type().version(), owner.map(o -> List.of(f.make().apply(o))));
    }

    private static <S> List<Nested<?>> one(VmState<S> type, int version, Optional<List<S>> owners) {
        return List.of(new Nested<>(type, version, owners.orElse(List.of())));
    }

    private static <S> List<S> present(List<Optional<S>> some) {
        return some.stream().flatMap(Optional::stream).toList();
    }

    private void field(Field<?> field) {
        switch (field) {
            case Field.Scalar<?> f -> fixed += f.kind().bytes();
            case Field.Equal<?> f -> fixed += f.kind().bytes();
            case Field.Buffer<?> f -> fixed += f.length();
            case Field.Longs<?> f -> fixed += (long) f.count() * f.kind().bytes();
            case Field.Ints<?> f -> fixed += (long) f.count() * f.kind().bytes();
            case Field.Unused<?> f -> fixed += f.length();
            case Field.VarBuffer<?> f -> mark("counted 1");
            case Field.VarLongs<?> f -> mark("counted " + f.kind().bytes());
            case Field.Bytes<?> f -> mark("bytes");
            case Field.Bitmap<?> f -> mark("bits");
            case Field.Texts<?> f -> mark("texts");
            case Field.Struct<?, ?> f -> mark("part");
            case Field.Structs<?, ?> f -> mark("parts");
            case Field.VarStructs<?, ?> f -> mark("counted parts");
            case Field.Pointers<?, ?> f -> mark("pointers");
            case Field.MadePointers<?, ?> f -> mark("marked pointers");
            case Field.Listed<?, ?> f -> mark("list");
            case Field.Tree<?, ?, ?> f -> mark("tree");
            case Field.Descriptor<?> f -> mark("descriptor");
            case Field.Temporary<?, ?> f -> mark("part");
            case Field.Validation<?> f -> {} // takes no bytes
            case Field.Conditional<?> f -> field(f.field());
        }
    }

    private void mark(String what) {
        if (fixed > 0) {
            text.append(fixed).append(',');
            fixed = 0;
        }
        if (!what.isEmpty()) {
            text.append(what).append(',');
        }
    }
}
