package dev.cprkit.vmm.state;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An object with a field of every kind there is, for tests that walk them all. */
public final class EveryField {
    /** A part of it, with a subsection of its own. */
    public static final class Part {
        static final VmState<Part> STATE = VmState.<Part>of("part", 2)
                .minimum(1)
                .u8("value", p -> p.value, (p, v) -> p.value = v)
                .since(2)
                .u16("newer", p -> p.newer, (p, v) -> p.newer = v)
                .subsection(VmState.<Part>of("part/more", 1)
                        .u32("more", p -> p.more, (p, v) -> p.more = v)
                        .needed(p -> p.more != 0)
                        .build())
                .build();

        long value;
        long newer;
        long more;

        static Part of(long value) {
            Part part = new Part();
            part.value = value;
            return part;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Part part && part.value == value && part.newer == newer && part.more == more;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(value);
        }
    }

    /** Twice a number, as it travels. */
    private static final class Doubled {
        static final VmState<Doubled> STATE = VmState.<Doubled>of("every/doubled", 1)
                .u32("twice", d -> d.twice, (d, v) -> d.twice = v)
                .preSave(d -> d.twice = 2 * d.parent.halved)
                .postLoad((d, version) -> d.parent.halved = d.twice / 2)
                .build();

        private final EveryField parent;
        private long twice;

        Doubled(EveryField parent) {
            this.parent = parent;
        }
    }

    /** The declaration. */
    public static final VmState<EveryField> STATE = VmState.<EveryField>of("every", 3)
            .minimum(2)
            .bool("bool", e -> e.bool, (e, v) -> e.bool = v)
            .u8("u8", e -> e.u8, (e, v) -> e.u8 = v)
            .u16("u16", e -> e.u16, (e, v) -> e.u16 = v)
            .u32("u32", e -> e.u32, (e, v) -> e.u32 = v)
            .u64("u64", e -> e.u64, (e, v) -> e.u64 = v)
            .s8("s8", e -> e.s8, (e, v) -> e.s8 = v)
            .s16("s16", e -> e.s16, (e, v) -> e.s16 = v)
            .s32("s32", e -> e.s32, (e, v) -> e.s32 = v)
            .s64("s64", e -> e.s64, (e, v) -> e.s64 = v)
            .float64("float64", e -> e.float64, (e, v) -> e.float64 = v)
            .timer("timer", e -> e.timer, (e, v) -> e.timer = v)
            .equal("same8", Field.Kind.U8, e -> e.same, "")
            .equal("same16", Field.Kind.U16, e -> e.same, "")
            .equal("same32", Field.Kind.U32, e -> e.same, "")
            .equal("sameSigned", Field.Kind.S32, e -> -e.same, "")
            .equal("same64", Field.Kind.U64, e -> e.same << 33, "start both with the same option")
            .buffer("buffer", 3, e -> e.buffer)
            .u32("count", e -> e.count, (e, v) -> e.count = v)
            .varBuffer("varBuffer", e -> e.count, e -> e.varBuffer, (e, v) -> e.varBuffer = v)
            .varNumbers("varNumbers", Field.Kind.U16, e -> e.count, e -> e.varNumbers, (e, v) -> e.varNumbers = v)
            .varStructs(
                    "varStructs", Part.STATE, e -> e.count, Part::new, e -> e.varStructs, (e, v) -> e.varStructs = v)
            .madePointers("made", Part.STATE, e -> e.count, Part::new, e -> e.made, (e, v) -> e.made = v)
            .texts("texts", "capability", e -> e.count, e -> e.texts, (e, v) -> e.texts = v)
            .bitmap("bitmap", e -> 65 + e.count, e -> e.bitmap)
            .bytes("bytes", e -> e.bytes, (e, v) -> e.bytes = v)
            .u64s("longs", 2, e -> e.longs)
            .u32s("ints", 2, e -> e.ints)
            .numbers("narrow", Field.Kind.S8, 3, e -> e.narrow)
            .struct("part", Part.STATE, e -> e.part)
            .struct("oldPart", Part.STATE, 1, e -> e.oldPart)
            .structs("parts", Part.STATE, e -> e.parts)
            .pointers("pointers", Part.STATE, e -> e.pointers)
            .list("list", Part.STATE, Part::new, e -> e.list, (e, v) -> e.list = v)
            .tailQueue("queue", Part.STATE, Part::new, e -> e.queue, (e, v) -> e.queue = v)
            .tree("tree", Part.STATE, Part.STATE, Part::new, Part::new, e -> e.tree, (e, v) -> e.tree = v)
            .temporary("doubled", Doubled.STATE, Doubled::new)
            .validate("sane", (e, version) -> e.u8 != 0)
            .when((e, version) -> e.bool)
            .u8("onlyWithBool", e -> e.conditional, (e, v) -> e.conditional = v)
            .when((e, version) -> !e.bool)
            .u64("onlyWithoutBool", e -> 7, (e, v) -> e.conditional = -1)
            .unused("unused", 2)
            .since(3)
            .u8("newest", e -> e.newest, (e, v) -> e.newest = v)
            .subsection(VmState.<EveryField>of("every/extra", 1)
                    .u32("extra", e -> e.extra, (e, v) -> e.extra = v)
                    .needed(e -> e.extra != 0)
                    .build())
            .postLoad((e, version) -> e.loadedAs = version)
            .build();

    boolean bool;
    long u8 = 1;
    long u16;
    long u32;
    long u64;
    long s8;
    long s16;
    long s32;
    long s64;
    long float64;
    long timer = -1;
    long same = 0x5a;
    byte[] buffer = new byte[3];
    long count;
    byte[] varBuffer = {};
    long[] varNumbers = {};
    List<Part> varStructs = List.of();
    List<Optional<Part>> made = List.of();
    List<String> texts = List.of();
    long[] bitmap = new long[2];
    byte[] bytes = {};
    long[] longs = new long[2];
    int[] ints = new int[2];
    long[] narrow = new long[3];
    Part part = new Part();
    Part oldPart = new Part();
    List<Part> parts = List.of(new Part(), new Part());
    List<Optional<Part>> pointers = List.of(Optional.of(new Part()), Optional.empty());
    List<Part> list = new ArrayList<>();
    List<Part> queue = new ArrayList<>();
    Map<Part, Part> tree = new LinkedHashMap<>();
    long halved;
    long conditional;
    long newest;
    long extra;
    int loadedAs;

    /** One with something in every field. */
    public static EveryField filled() {
        EveryField e = new EveryField();
        e.bool = true;
        e.u8 = 0xfe;
        e.u16 = 0xfedc;
        e.u32 = 0xfedc_ba98L;
        e.u64 = 0xfedc_ba98_7654_3210L;
        e.s8 = -8;
        e.s16 = -16;
        e.s32 = -32;
        e.s64 = -64;
        e.float64 = Double.doubleToRawLongBits(-1.5);
        e.timer = 5;
        e.buffer = new byte[] {1, 2, 3};
        e.count = 2;
        e.varBuffer = new byte[] {9, 8};
        e.varNumbers = new long[] {0xffff, 1};
        Part withMore = Part.of(0x41);
        withMore.more = 0x42;
        e.varStructs = List.of(Part.of(0x40), withMore);
        e.made = List.of(Optional.empty(), Optional.of(Part.of(0x43)));
        e.texts = List.of("x-ignore-shared", "");
        e.bitmap = new long[] {-1, 1};
        e.bytes = new byte[] {7, 6, 5};
        e.longs = new long[] {-1, 1};
        e.ints = new int[] {-1, 1};
        e.narrow = new long[] {-1, 0, 1};
        e.part.value = 4;
        e.part.more = 9;
        e.oldPart.value = 5;
        e.parts.get(1).value = 6;
        e.pointers.getFirst().orElseThrow().value = 0x44;
        e.list.add(Part.of(0x77));
        e.queue.add(Part.of(0x78));
        e.queue.add(Part.of(0x79));
        e.tree.put(Part.of(1), Part.of(2));
        e.tree.put(Part.of(3), Part.of(4));
        e.halved = 21;
        e.conditional = 0x66;
        e.newest = 0x33;
        e.extra = 0x1234;
        return e;
    }

    /** Its bytes. */
    public static byte[] save(EveryField e) throws Exception {
        StateOutput out = StateOutput.toMemory();
        StateEncoder.save(STATE, e, out);
        return out.toByteArray();
    }
}
