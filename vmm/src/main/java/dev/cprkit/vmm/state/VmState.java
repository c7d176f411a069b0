package dev.cprkit.vmm.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * How an object describes what of it travels to the next process. The declaration stands beside the fields it names;
 * nothing else reads or writes them for migration.
 *
 * <p>Immutable, so any thread may walk it; the hooks and accessors run on the main loop's thread with the machine lock
 * held. {@code preSave} must be free of side effects that the guest could see, because a save is rehearsed.
 *
 * @param name the declaration's name, stable for ever
 * @param version what is sent
 * @param minimumVersion the oldest version that can be loaded
 * @param fields in the order of the wire
 * @param subsections optional parts, each named {@code <name>/...}, sent when needed
 * @param needed whether a subsection, or a section of this type, is sent at all
 * @param priority when a section of this type is saved and loaded, relative to others
 * @param migratable false if an object of this type keeps its machine from migrating
 * @param preSave runs before the fields are read
 * @param preLoad runs before the fields are written
 * @param postLoad runs after the last field was written, with the version that was received
 */
public record VmState<T>(
        String name,
        int version,
        int minimumVersion,
        List<Field<T>> fields,
        List<VmState<T>> subsections,
        Predicate<T> needed,
        Priority priority,
        boolean migratable,
        Hook<T> preSave,
        Hook<T> preLoad,
        PostLoad<T> postLoad) {

    public VmState {
        fields = List.copyOf(fields);
        subsections = List.copyOf(subsections);
    }

    /** Whether a stream of that version carries the field. */
    static <T> boolean carries(Field<T> field, T owner, int version) {
        return field instanceof Field.Conditional<T> conditional
                ? conditional.presence().test(owner, version)
                : field.since() <= version;
    }

    /** A step before the fields are read or written. */
    @FunctionalInterface
    public interface Hook<T> {
        void run(T owner) throws StateException;
    }

    /** The step after the fields were written: checks them, and brings the rest of the object in line. */
    @FunctionalInterface
    public interface PostLoad<T> {
        void run(T owner, int version) throws StateException;
    }

    /** Starts a declaration of that name and version, whose minimum version is the same until said otherwise. */
    public static <T> Builder<T> of(String name, int version) {
        return new Builder<>(name, version);
    }

    /** Collects a declaration. */
    public static final class Builder<T> {
        private final String name;
        private final int version;
        private int minimumVersion;
        private int since;
        private final List<Field<T>> fields = new ArrayList<>();
        private final List<VmState<T>> subsections = new ArrayList<>();
        private final List<Field.Presence<T>> presence = new ArrayList<>(1);
        private Predicate<T> needed = owner -> true;
        private Priority priority = Priority.DEFAULT;
        private boolean migratable = true;
        private Hook<T> preSave = owner -> {};
        private Hook<T> preLoad = owner -> {};
        private PostLoad<T> postLoad = (owner, version) -> {};

        private Builder(String name, int version) {
            this.name = name;
            this.version = version;
            this.minimumVersion = version;
        }

        /** The oldest version that can still be loaded. */
        public Builder<T> minimum(int oldest) {
            minimumVersion = oldest;
            return this;
        }

        /** The fields that follow exist from this version on. */
        public Builder<T> since(int first) {
            since = first;
            return this;
        }

        public Builder<T> bool(String field, Predicate<T> get, BiConsumer<T, Boolean> set) {
            return scalar(field, Field.Kind.BOOL, t -> get.test(t) ? 1 : 0, (t, v) -> set.accept(t, v != 0));
        }

        public Builder<T> u8(String field, ToLongFunction<T> get, ObjLongConsumer<T> set) {
            return scalar(field, Field.Kind.U8, get, set);
        }

        public Builder<T> u16(String field, ToLongFunction<T> get, ObjLongConsumer<T> set) {
            return scalar(field, Field.Kind.U16, get, set);
        }

        public Builder<T> u32(String field, ToLongFunction<T> get, ObjLongConsumer<T> set) {
            return scalar(field, Field.Kind.U32, get, set);
        }

        public Builder<T> u64(String field, ToLongFunction<T> get, ObjLongConsumer<T> set) {
            return scalar(field, Field.Kind.U64, get, set);
        }

        public Builder<T> s8(String field, ToLongFunction<T> get, ObjLongConsumer<T> set) {
            return scalar(field, Field.Kind.S8, get, set);
        }

        public Builder<T> s16(String field, ToLongFunction<T> get, ObjLongConsumer<T> set) {
            return scalar(field, Field.Kind.S16, get, set);
        }

        public Builder<T> s32(String field, ToLongFunction<T> get, ObjLongConsumer<T> set) {
            return scalar(field, Field.Kind.S32, get, set);
        }

        public Builder<T> s64(String field, ToLongFunction<T> get, ObjLongConsumer<T> set) {
            return scalar(field, Field.Kind.S64, get, set);
        }

        /** The bits of a floating-point register. */
        public Builder<T> float64(String field, ToLongFunction<T> get, ObjLongConsumer<T> set) {
            return scalar(field, Field.Kind.DOUBLE, get, set);
        }

        /** When a timer expires, in ns of its clock; -1 if it is not armed. */
        public Builder<T> timer(String field, ToLongFunction<T> get, ObjLongConsumer<T> set) {
            return scalar(field, Field.Kind.TIMER, get, set);
        }

        private Builder<T> scalar(String field, Field.Kind kind, ToLongFunction<T> get, ObjLongConsumer<T> set) {
            return add(new Field.Scalar<>(field, since, kind, get, set));
        }

        private Builder<T> add(Field<T> field) {
            fields.add(presence.isEmpty() ? field : new Field.Conditional<>(field, presence.removeFirst()));
            return this;
        }

        /** The next field is in the stream if, and only if, the test says so, of the object and the stream's version. */
        public Builder<T> when(Field.Presence<T> test) {
            presence.add(test);
            return this;
        }

        /** A number that must be the same on both sides; {@code hint} tells the reader what to do if it is not. */
        public Builder<T> equal(String field, Field.Kind kind, ToLongFunction<T> get, String hint) {
            return add(new Field.Equal<>(field, since, kind, get, hint));
        }

        public Builder<T> buffer(String field, int length, Function<T, byte[]> get) {
            return add(new Field.Buffer<>(field, since, length, get));
        }

        public Builder<T> varBuffer(
                String field, ToLongFunction<T> length, Function<T, byte[]> get, BiConsumer<T, byte[]> set) {
            return add(new Field.VarBuffer<>(field, since, length, get, set));
        }

        /** Bytes behind their length in 32 bits. */
        public Builder<T> bytes(String field, Function<T, byte[]> get, BiConsumer<T, byte[]> set) {
            return add(new Field.Bytes<>(field, since, get, set));
        }

        public Builder<T> u64s(String field, int count, Function<T, long[]> get) {
            return numbers(field, Field.Kind.U64, count, get);
        }

        public Builder<T> numbers(String field, Field.Kind kind, int count, Function<T, long[]> get) {
            return add(new Field.Longs<>(field, since, kind, count, get));
        }

        public Builder<T> u32s(String field, int count, Function<T, int[]> get) {
            return add(new Field.Ints<>(field, since, Field.Kind.U32, count, get));
        }

        /** Numbers, as many as an earlier field says. */
        public Builder<T> varNumbers(
                String field,
                Field.Kind kind,
                ToLongFunction<T> count,
                Function<T, long[]> get,
                BiConsumer<T, long[]> set) {
            return add(new Field.VarLongs<>(field, since, kind, count, get, set));
        }

        public Builder<T> bitmap(String field, ToLongFunction<T> bits, Function<T, long[]> get) {
            return add(new Field.Bitmap<>(field, since, bits, get));
        }

        /** Texts, as many as an earlier field says; {@code type} is what the JSON description calls one. */
        public Builder<T> texts(
                String field,
                String type,
                ToLongFunction<T> count,
                Function<T, List<String>> get,
                BiConsumer<T, List<String>> set) {
            return add(new Field.Texts<>(field, since, type, count, get, set));
        }

        public <S> Builder<T> struct(String field, VmState<S> type, Function<T, S> get) {
            return struct(field, type, type.version(), get);
        }

        /** A part that travels as another version than its newest. */
        public <S> Builder<T> struct(String field, VmState<S> type, int version, Function<T, S> get) {
            return add(new Field.Struct<>(field, since, type, version, get));
        }

        public <S> Builder<T> structs(String field, VmState<S> type, Function<T, List<S>> get) {
            return add(new Field.Structs<>(field, since, type, get));
        }

        /** Parts, as many as an earlier field says. */
        public <S> Builder<T> varStructs(
                String field,
                VmState<S> type,
                ToLongFunction<T> count,
                Supplier<S> make,
                Function<T, List<S>> get,
                BiConsumer<T, List<S>> set) {
            return add(new Field.VarStructs<>(field, since, type, count, make, get, set));
        }

        /** Parts that are there, or missing, on both sides alike. */
        public <S> Builder<T> pointers(String field, VmState<S> type, Function<T, List<Optional<S>>> get) {
            return add(new Field.Pointers<>(field, since, type, get));
        }

        /** Parts of which any may be missing, as many as an earlier field says. */
        public <S> Builder<T> madePointers(
                String field,
                VmState<S> type,
                ToLongFunction<T> count,
                Supplier<S> make,
                Function<T, List<Optional<S>>> get,
                BiConsumer<T, List<Optional<S>>> set) {
            return add(new Field.MadePointers<>(field, since, type, count, make, get, set));
        }

        public <S> Builder<T> list(
                String field, VmState<S> type, Supplier<S> make, Function<T, List<S>> get, BiConsumer<T, List<S>> set) {
            return add(new Field.Listed<>(field, since, Field.ListKind.QLIST, type, make, get, set));
        }

        /** As {@link #list}; only its description differs. */
        public <S> Builder<T> tailQueue(
                String field, VmState<S> type, Supplier<S> make, Function<T, List<S>> get, BiConsumer<T, List<S>> set) {
            return add(new Field.Listed<>(field, since, Field.ListKind.QTAILQ, type, make, get, set));
        }

        public <K, V> Builder<T> tree(
                String field,
                VmState<K> keyType,
                VmState<V> valueType,
                Supplier<K> makeKey,
                Supplier<V> makeValue,
                Function<T, Map<K, V>> get,
                BiConsumer<T, Map<K, V>> set) {
            return add(new Field.Tree<>(field, since, keyType, valueType, makeKey, makeValue, get, set));
        }

        public Builder<T> descriptor(String field, ToLongFunction<T> get, ObjLongConsumer<T> set) {
            return add(new Field.Descriptor<>(field, since, get, set));
        }

        public Builder<T> unused(String field, int length) {
            return add(new Field.Unused<>(field, since, length));
        }

        /** A form for the journey only, made from the object; its own hooks copy what it carries. */
        public <S> Builder<T> temporary(String field, VmState<S> type, Function<T, S> make) {
            return add(new Field.Temporary<>(field, since, type, make));
        }

        /** What must be true when the stream has come this far. */
        public Builder<T> validate(String field, Field.Presence<T> test) {
            return add(new Field.Validation<>(field, since, test));
        }

        /** Adds an optional part; its name must begin with this declaration's name and a slash. */
        public Builder<T> subsection(VmState<T> part) {
            if (!part.name().startsWith(name + "/")) {
                throw new IllegalArgumentException("subsection " + part.name() + " is not named after " + name);
            }
            subsections.add(part);
            return this;
        }

        public Builder<T> needed(Predicate<T> when) {
            needed = when;
            return this;
        }

        public Builder<T> priority(Priority when) {
            priority = when;
            return this;
        }

        /** An object of this type keeps its machine from migrating. */
        public Builder<T> unmigratable() {
            migratable = false;
            return this;
        }

        public Builder<T> preSave(Hook<T> hook) {
            preSave = hook;
            return this;
        }

        public Builder<T> preLoad(Hook<T> hook) {
            preLoad = hook;
            return this;
        }

        public Builder<T> postLoad(PostLoad<T> hook) {
            postLoad = hook;
            return this;
        }

        public VmState<T> build() {
            return new VmState<>(
                    name,
                    version,
                    minimumVersion,
                    fields,
                    subsections,
                    needed,
                    priority,
                    migratable,
                    preSave,
                    preLoad,
                    postLoad);
        }
    }
}
