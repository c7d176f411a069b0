package dev.cprkit.vmm.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of field: its bytes, its way back, its description, and what a stream that lies gets told. */
class FieldKindsTest {
    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void theBytesAreThoseOfTheReference() throws Exception {
        String more = "0509" + hex("part/more") + "00000001";
        assertThat(HexFormat.of().formatHex(EveryField.save(EveryField.filled())))
                .isEqualTo("01" + "fe" + "fedc" + "fedcba98" + "fedcba9876543210"
                        + "f8" + "fff0" + "ffffffe0" + "ffffffffffffffc0" + "bff8000000000000" + "0000000000000005"
                        + "5a" + "005a" + "0000005a" + "ffffffa6" + "000000b400000000"
                        + "010203"
                        + "00000002" + "0908" + "ffff0001"
                        + "400000" + ("410000" + more + "00000042")
                        + "30" + ("31" + "430000")
                        + ("0f" + hex("x-ignore-shared") + "00")
                        + "ffffffffffffffff0000000000000001"
                        + "00000003" + "070605"
                        + "ffffffffffffffff0000000000000001" + "ffffffff00000001" + "ff0001"
                        + ("040000" + more + "00000009") + "05" + "000000" + "060000"
                        + "440000" + "30"
                        + "01" + "770000" + "00"
                        + "01" + "780000" + "01" + "790000" + "00"
                        + "00000002" + "01" + "010000" + "020000" + "01" + "030000" + "040000" + "00"
                        + "0000002a"
                        + "66" + "0000" + "33"
                        + "050b" + hex("every/extra") + "00000001" + "00001234");
    }

    @Test
    void whatIsSavedIsLoaded() throws Exception {
        byte[] bytes = EveryField.save(EveryField.filled());
        EveryField loaded = new EveryField();
        StateInput in = StateInput.of(bytes);
        StateDecoder.load(EveryField.STATE, loaded, 3, in);
        assertThat(in.position()).isEqualTo(bytes.length);
        assertThat(EveryField.save(loaded)).isEqualTo(bytes);
        assertThat(loaded.s8).isEqualTo(-8);
        assertThat(loaded.s16).isEqualTo(-16);
        assertThat(loaded.narrow).containsExactly(-1, 0, 1);
        assertThat(loaded.halved).isEqualTo(21);
        assertThat(loaded.loadedAs).isEqualTo(3);
        assertThat(StateSize.of(EveryField.STATE, loaded)).isEqualTo(bytes.length);
    }

    @Test
    void whatIsEmptyIsLoadedToo() throws Exception {
        byte[] bytes = EveryField.save(new EveryField());
        EveryField loaded = EveryField.filled();
        loaded.bool = false;
        loaded.extra = 0;
        loaded.part.more = 0;
        StateDecoder.load(EveryField.STATE, loaded, 3, StateInput.of(bytes));
        assertThat(EveryField.save(loaded)).isEqualTo(bytes);
        assertThat(loaded.conditional)
                .as("set by the field that is there without bool")
                .isEqualTo(-1);
    }

    @Test
    void anOlderStreamLacksTheNewestField() throws Exception {
        EveryField older = EveryField.filled();
        older.extra = 0;
        byte[] bytes = EveryField.save(older);
        EveryField loaded = new EveryField();
        StateDecoder.load(EveryField.STATE, loaded, 2, StateInput.of(Arrays.copyOf(bytes, bytes.length - 1)));
        assertThat(loaded.newest).isZero();
        assertThat(loaded.loadedAs).isEqualTo(2);
    }

    @Test
    void aRehearsalChangesNothing() throws Exception {
        byte[] bytes = EveryField.save(EveryField.filled());
        EveryField same = EveryField.filled();
        same.buffer[0] = 0x44;
        same.bitmap[1] = 3;
        same.part.value = 99;
        byte[] before = EveryField.save(same);
        StateInput in = StateInput.of(bytes);
        StateDecoder.rehearse(EveryField.STATE, same, 3, in);
        assertThat(in.position()).isEqualTo(bytes.length);
        assertThat(EveryField.save(same)).isEqualTo(before);
        assertThat(same.loadedAs).isZero();
    }

    static List<EveryField> shapes() {
        EveryField noSubsection = EveryField.filled();
        noSubsection.extra = 0;
        return List.of(new EveryField(), noSubsection, EveryField.filled());
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void anIndependentAnalyserUsesEveryByte(EveryField shape) throws Exception {
        String json = StreamDescription.of(
                Section.of(EveryField.Part.STATE, new EveryField.Part()),
                List.of(Section.of(EveryField.STATE, shape)),
                4096);
        JsonObject description = (JsonObject) JsonText.parse(json);
        JsonArray devices = (JsonArray) description.members().get("devices");
        DescriptionWalker.walkDevice(
                EveryField.save(shape), (JsonObject) devices.values().getFirst());
    }

    /** A stream in which a few bytes were changed, and the sentence it is refused with. */
    static Stream<Arguments> lies() {
        return Stream.of(
                Arguments.of("the fixed number of 8 bits", at("5a005a", "5b005a"), "5a != 5b"),
                Arguments.of("the fixed number of 16 bits", at("5a005a", "5a015a"), "5a != 15a"),
                Arguments.of("the fixed number of 32 bits", at("0000005affff", "8000005affff"), "5a != 8000005a"),
                Arguments.of("the fixed signed number", at("ffffffa6", "ffffffa7"), "ffffffa6 != ffffffa7"),
                Arguments.of(
                        "the fixed number of 64 bits",
                        at("000000b400000000", "000000b500000000"),
                        "b400000000 != b500000000: start both with the same option"),
                Arguments.of(
                        "a count that lies",
                        at("000000020908", "7fffffff0908"),
                        "varBuffer has 2147483647 bytes; at most 67108864 can travel"),
                Arguments.of(
                        "a count too large for the bytes that come",
                        at("000000020908", "000f42400908"),
                        "Failed to load every state: stream error: -5"),
                Arguments.of("a marker of neither kind", at("3031430000", "3032430000"), "Unexpected ptr marker: 50"),
                Arguments.of(
                        "a part where none may be",
                        at("4400003001", "4400003101"),
                        "pointers: expected the marker of a missing element"),
                Arguments.of(
                        "a tree with fewer nodes",
                        at("0002010100000200", "0003010100000200"),
                        "tree has 2 nodes, but its count says 3"),
                Arguments.of(
                        "a tree with more nodes",
                        at("0002010100000200", "0001010100000200"),
                        "tree has more than the 1 nodes that its count says"),
                Arguments.of(
                        "a tree too large",
                        at("0000000201010000020", "0001000101010000020"),
                        "tree has 65537 elements; at most 65536 can travel"),
                Arguments.of(
                        "bytes too many",
                        at("00000003070605", "80000003070605"),
                        "bytes has 2147483651 bytes; at most 67108864 can travel"),
                Arguments.of(
                        "a value that may not be",
                        at("01fefedc", "0100fedc"),
                        "Input validation failed: every/sane version_id: 3"),
                Arguments.of(
                        "a subsection that nobody has",
                        at(hex("every/extra"), hex("every/extrb")),
                        "VM subsection 'every/extrb' in 'every' does not exist"),
                Arguments.of(
                        "a subsection of a newer version",
                        at(hex("every/extra") + "00000001", hex("every/extra") + "00000002"),
                        "Loading VM subsection 'every/extra' in 'every' failed: every/extra: incoming version_id 2 is"
                                + " too new for local version_id 1"),
                Arguments.of(
                        "a subsection of an older version",
                        at(hex("every/extra") + "00000001", hex("every/extra") + "00000000"),
                        "Loading VM subsection 'every/extra' in 'every' failed: every/extra: incoming version_id 0 is"
                                + " too old for local minimum version_id 1"),
                Arguments.of(
                        "a subsection that ends early",
                        cut(2),
                        "Loading VM subsection 'every/extra' in 'every' failed: Failed to load every/extra state:"
                                + " stream error: -5"),
                Arguments.of(
                        "a subsection without its version",
                        cut(6),
                        "Failed to load every/extra state: stream error: -5"));
    }

    private static java.util.function.UnaryOperator<String> at(String what, String instead) {
        return stream -> {
            assertThat(stream).contains(what);
            return stream.replaceFirst(what, instead);
        };
    }

    private static java.util.function.UnaryOperator<String> cut(int bytes) {
        return stream -> stream.substring(0, stream.length() - 2 * bytes);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void aStreamThatLiesIsRefused(String what, java.util.function.UnaryOperator<String> change, String sentence)
            throws Exception {
        String stream = change.apply(HexFormat.of().formatHex(EveryField.save(EveryField.filled())));
        assertThatThrownBy(() -> StateDecoder.load(
                        EveryField.STATE,
                        new EveryField(),
                        3,
                        StateInput.of(HexFormat.of().parseHex(stream))))
                .as(what)
                .isInstanceOf(StateException.class)
                .hasMessage(sentence);
    }

    @Test
    void aListThatNeverEndsIsGivenUp() {
        byte[] endless = new byte[4 << 20];
        Arrays.fill(endless, (byte) 1);
        VmState<EveryField> type = VmState.<EveryField>of("lists", 1)
                .list("list", EveryField.Part.STATE, EveryField.Part::new, e -> e.list, (e, v) -> e.list = v)
                .build();
        assertThatThrownBy(() -> StateDecoder.load(type, new EveryField(), 1, StateInput.of(endless)))
                .isInstanceOf(StateException.class)
                .hasMessage("list has 65537 elements; at most 65536 can travel");
    }

    @Test
    void whateverTheBytesTheAnswerIsASentence() throws Exception {
        byte[] good = EveryField.save(EveryField.filled());
        Random random = new Random(42);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length + 1));
            for (int flips = random.nextInt(4); flips > 0 && bytes.length > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                StateDecoder.load(EveryField.STATE, new EveryField(), 3, StateInput.of(bytes));
            } catch (StateException e) {
                assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
            }
        }
    }

    @Test
    void aDeviceWhoseCountIsWrongIsNotSaved() {
        List<Arguments> wrong = new ArrayList<>();
        wrong.add(Arguments.of((Consumer<EveryField>) e -> e.varStructs = List.of(), "varStructs"));
        wrong.add(Arguments.of((Consumer<EveryField>) e -> e.made = List.of(), "made"));
        wrong.add(Arguments.of((Consumer<EveryField>) e -> e.texts = List.of(), "texts"));
        for (Arguments arguments : wrong) {
            EveryField e = EveryField.filled();
            @SuppressWarnings("unchecked")
            Consumer<EveryField> change = (Consumer<EveryField>) arguments.get()[0];
            change.accept(e);
            assertThatThrownBy(() -> EveryField.save(e))
                    .hasMessage("Save of field every/" + arguments.get()[1] + " failed: "
                            + arguments.get()[1] + " has 0 elements, but its count says 2");
        }
        EveryField insane = EveryField.filled();
        insane.u8 = 0;
        assertThatThrownBy(() -> EveryField.save(insane))
                .hasMessage("Save of field every/sane failed: Output state validation failed: every/sane");
    }
}
