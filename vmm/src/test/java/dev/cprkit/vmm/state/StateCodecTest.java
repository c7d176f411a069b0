package dev.cprkit.vmm.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateCodecTest {
    private static final class Part {
        static final VmState<Part> STATE = VmState.<Part>of("part", 1)
                .u8("value", p -> p.value, (p, v) -> p.value = v)
                .build();
        long value;
    }

    private static final class Thing {
        static final VmState<Thing> STATE = VmState.<Thing>of("thing", 3)
                .minimum(2)
                .bool("flag", t -> t.flag, (t, v) -> t.flag = v)
                .u8("byte", t -> t.u8, (t, v) -> t.u8 = v)
                .u16("short", t -> t.u16, (t, v) -> t.u16 = v)
                .s32("int", t -> t.s32, (t, v) -> t.s32 = v)
                .u64("long", t -> t.u64, (t, v) -> t.u64 = v)
                .timer("timer", t -> t.timer, (t, v) -> t.timer = v)
                .equal("fixed", Field.Kind.U32, t -> t.fixed, "give both sides the same")
                .buffer("raw", 3, t -> t.raw)
                .u32("length", t -> t.var.length, (t, v) -> t.length = v)
                .varBuffer("var", t -> t.length, t -> t.var, (t, v) -> t.var = v)
                .u64s("longs", 2, t -> t.longs)
                .u32s("ints", 2, t -> t.ints)
                .struct("part", Part.STATE, t -> t.part)
                .structs("parts", Part.STATE, t -> t.parts)
                .list("list", Part.STATE, Part::new, t -> t.list, (t, v) -> t.list = v)
                .unused("gap", 2)
                .since(3)
                .u8("newer", t -> t.newer, (t, v) -> t.newer = v)
                .subsection(VmState.<Thing>of("thing/extra", 1)
                        .u32("extra", t -> t.extra, (t, v) -> t.extra = v)
                        .needed(t -> t.extra != 0)
                        .build())
                .preSave(t -> t.length = t.var.length)
                .postLoad((t, version) -> t.loaded = version)
                .build();

        boolean flag;
        long u8;
        long u16;
        long s32;
        long u64;
        long timer = -1;
        long fixed = 7;
        byte[] raw = new byte[3];
        long length;
        byte[] var = new byte[0];
        long[] longs = new long[2];
        int[] ints = new int[2];
        Part part = new Part();
        List<Part> parts = List.of(new Part(), new Part());
        List<Part> list = new ArrayList<>();
        long newer;
        long extra;
        int loaded;
    }

    private static Thing filled() {
        Thing t = new Thing();
        t.flag = true;
        t.u8 = 0xfe;
        t.u16 = 0xfedc;
        t.s32 = -2;
        t.u64 = 0xfedc_ba98_7654_3210L;
        t.timer = 5;
        t.raw = new byte[] {1, 2, 3};
        t.var = new byte[] {9, 8};
        t.longs = new long[] {-1, 1};
        t.ints = new int[] {-1, 1};
        t.part.value = 4;
        t.parts.get(1).value = 6;
        t.list.add(new Part());
        t.list.getFirst().value = 0x77;
        t.newer = 0x33;
        t.extra = 0x1234;
        return t;
    }

    private static byte[] save(Thing t) throws Exception {
        StateOutput out = StateOutput.toMemory();
        StateEncoder.save(Thing.STATE, t, out);
        return out.toByteArray();
    }

    @Test
    void writesTheBytesOfTheReference() throws Exception {
        assertThat(HexFormat.of().formatHex(save(filled())))
                .isEqualTo("01" + "fe" + "fedc" + "fffffffe" + "fedcba9876543210" + "0000000000000005" + "00000007"
                        + "010203" + "00000002" + "0908" + "ffffffffffffffff0000000000000001" + "ffffffff00000001"
                        + "04" + "0006" + "017700" + "0000" + "33"
                        + "050b"
                        + HexFormat.of().formatHex("thing/extra".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        + "00000001" + "00001234");
    }

    @Test
    void whatIsSavedIsLoaded() throws Exception {
        byte[] bytes = save(filled());
        Thing t = new Thing();
        StateInput in = StateInput.of(bytes);
        StateDecoder.load(Thing.STATE, t, 3, in);
        assertThat(in.position()).isEqualTo(bytes.length);
        assertThat(save(t)).isEqualTo(bytes);
        assertThat(t.loaded).isEqualTo(3);
        assertThat(t.s32).isEqualTo(-2);
        assertThat(t.list).hasSize(1);
        assertThat(StateSize.of(Thing.STATE, t)).isEqualTo(bytes.length);
    }

    @Test
    void anOlderVersionLacksNewerFieldsAndASubsectionMayBeAbsent() throws Exception {
        Thing older = filled();
        older.extra = 0;
        byte[] bytes = save(older);
        byte[] withoutNewer = java.util.Arrays.copyOf(bytes, bytes.length - 1);
        Thing t = new Thing();
        t.newer = 0x55;
        StateDecoder.load(Thing.STATE, t, 2, StateInput.of(withoutNewer));
        assertThat(t.newer).isEqualTo(0x55);
        assertThat(t.loaded).isEqualTo(2);
    }

    @Test
    void refusesVersionsOutsideItsRange() {
        assertThatThrownBy(() -> StateDecoder.load(Thing.STATE, new Thing(), 4, StateInput.of(new byte[200])))
                .hasMessage("thing: incoming version_id 4 is too new for local version_id 3");
        assertThatThrownBy(() -> StateDecoder.load(Thing.STATE, new Thing(), 1, StateInput.of(new byte[200])))
                .hasMessage("thing: incoming version_id 1 is too old for local minimum version_id 2");
    }

    @Test
    void refusesAnUnknownSubsectionOfItsOwnButLeavesAnothers() throws Exception {
        VmState<Part> type = Part.STATE;
        byte[] own = HexFormat.of()
                .parseHex("aa0506"
                        + HexFormat.of().formatHex("part/x".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        + "00000001");
        assertThatThrownBy(() -> StateDecoder.load(type, new Part(), 1, StateInput.of(own)))
                .hasMessage("VM subsection 'part/x' in 'part' does not exist");
        byte[] other = HexFormat.of()
                .parseHex("aa0506"
                        + HexFormat.of().formatHex("abcd/x".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                        + "00000001");
        StateInput in = StateInput.of(other);
        StateDecoder.load(type, new Part(), 1, in);
        assertThat(in.position()).isEqualTo(1);
    }

    @Test
    void comparesWhatMustBeEqual() throws Exception {
        byte[] bytes = save(filled());
        Thing t = new Thing();
        t.fixed = 8;
        assertThatThrownBy(() -> StateDecoder.load(Thing.STATE, t, 3, StateInput.of(bytes)))
                .isInstanceOf(StateException.class)
                .hasMessage("8 != 7: give both sides the same");
    }

    @Test
    void everyTruncationIsAnError() throws Exception {
        byte[] bytes = save(filled());
        for (int length = 0; length < bytes.length; length++) {
            if (length == bytes.length - 21) {
                continue; // exactly before the optional subsection: complete
            }
            byte[] part = java.util.Arrays.copyOf(bytes, length);
            Thing t = new Thing();
            StateInput in = StateInput.of(part);
            try {
                StateDecoder.load(Thing.STATE, t, 3, in);
                assertThat(in.position()).as("length %s", length).isLessThan(part.length);
            } catch (StateException e) {
                assertThat(e).hasMessageContaining("Failed to load ").hasMessageEndingWith(" state: stream error: -5");
            }
        }
    }

    @Test
    void aRehearsalChangesNothing() throws Exception {
        byte[] bytes = save(filled());
        Thing t = filled();
        t.raw[0] = 0x44;
        byte[] before = save(t);
        StateDecoder.rehearse(Thing.STATE, t, 3, StateInput.of(bytes));
        assertThat(save(t)).isEqualTo(before);
        assertThat(t.loaded).isZero();
    }

    @Test
    void describesEveryByteOfTheStream() throws Exception {
        String json = StreamDescription.of(
                Section.of(Part.STATE, new Part()), List.of(Section.of(Thing.STATE, 2, filled())), 4096);
        assertThat(json)
                .startsWith("{\"configuration\":{\"vmsd_name\":\"part\",\"version\":1,\"fields\":["
                        + "{\"name\":\"value\",\"type\":\"uint8\",\"size\":1}]},\"page_size\":4096,\"devices\":["
                        + "{\"name\":\"thing\",\"instance_id\":2,\"vmsd_name\":\"thing\",\"version\":3,\"fields\":[")
                .contains("{\"name\":\"longs\",\"array_len\":2,\"type\":\"uint64\",\"size\":8}")
                .contains("{\"name\":\"parts\",\"index\":1,\"type\":\"struct\",\"struct\":{\"vmsd_name\":\"part\"")
                .contains("\"subsections\":[{\"vmsd_name\":\"thing/extra\"")
                .endsWith("]}]}");
    }

    @Test
    void hooksThatRefuseSayWhere() {
        VmState<Part> type = VmState.<Part>of("picky", 1)
                .preSave(p -> {
                    throw new StateException("not now");
                })
                .postLoad((p, version) -> {
                    throw new StateException("not so");
                })
                .build();
        assertThatThrownBy(() -> StateEncoder.save(type, new Part(), StateOutput.toMemory()))
                .hasMessage("pre-save for picky failed: not now");
        assertThatThrownBy(() -> StateDecoder.load(type, new Part(), 1, StateInput.of(new byte[0])))
                .hasMessage("post load hook failed for: picky, version_id: 1, minimum_version: 1: not so");
    }
}
