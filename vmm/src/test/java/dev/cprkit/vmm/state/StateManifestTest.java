package dev.cprkit.vmm.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What of another build's state is refused before it is sent, and what is not. */
class StateManifestTest {
    static final class Device {
        private long a;
        private long b;
        private boolean used = true;
    }

    private static VmState<Device> part(int version) {
        return VmState.<Device>of("part", version)
                .minimum(1)
                .u8("a", d -> d.a, (d, v) -> d.a = v)
                .since(2)
                .u8("b", d -> d.b, (d, v) -> d.b = v)
                .build();
    }

    private static VmState<Device> build(int version, int minimum, Consumer<VmState.Builder<Device>> more) {
        VmState.Builder<Device> builder = VmState.of("device", version);
        builder.minimum(minimum).u32("a", d -> d.a, (d, v) -> d.a = v);
        more.accept(builder);
        return builder.build();
    }

    private static VmState<Device> extra(int version) {
        return VmState.<Device>of("device/extra", version)
                .u32("b", d -> d.b, (d, v) -> d.b = v)
                .needed(d -> d.used)
                .build();
    }

    private static String refusal(List<Section<?>> there, List<Section<?>> here) throws StateException {
        return StateManifest.read(StateManifest.of(there).toByteArray()).refusal(here);
    }

    private static List<Section<?>> sections(VmState<Device> type, Device owner) {
        return List.of(Section.of(type, owner));
    }

    static Stream<Arguments> builds() {
        Consumer<VmState.Builder<Device>> nothing = b -> {};
        Consumer<VmState.Builder<Device>> withB = b -> b.since(2).u16("b", d -> d.b, (d, v) -> d.b = v);
        return Stream.of(
                Arguments.of("the same", build(1, 1, nothing), build(1, 1, nothing), ""),
                Arguments.of("a field more", build(1, 1, nothing), build(2, 1, withB), ""),
                Arguments.of(
                        "a field less",
                        build(2, 1, withB),
                        build(1, 1, nothing),
                        "unsupported version 2 for 'device' v1"),
                Arguments.of(
                        "a minimum raised",
                        build(1, 1, nothing),
                        build(2, 2, withB),
                        "device: incoming version_id 1 is too old for local minimum version_id 2"),
                Arguments.of(
                        "a field changed without a word",
                        build(1, 1, b -> b.u8("b", d -> d.b, (d, v) -> d.b = v)),
                        build(1, 1, b -> b.u16("b", d -> d.b, (d, v) -> d.b = v)),
                        "device: version_id 1 has other fields than the local one of that number"),
                Arguments.of(
                        "a field that means nothing any more",
                        build(1, 1, b -> b.u64("b", d -> d.b, (d, v) -> d.b = v)),
                        build(1, 1, b -> b.unused("was b", 8)),
                        ""),
                Arguments.of("a subsection more", build(1, 1, nothing), build(1, 1, b -> b.subsection(extra(1))), ""),
                Arguments.of(
                        "a subsection less",
                        build(1, 1, b -> b.subsection(extra(1))),
                        build(1, 1, nothing),
                        "VM subsection 'device/extra' in 'device' does not exist"),
                Arguments.of(
                        "a subsection raised",
                        build(1, 1, b -> b.subsection(extra(2))),
                        build(1, 1, b -> b.subsection(extra(1))),
                        "device/extra: incoming version_id 2 is too new for local version_id 1"),
                Arguments.of(
                        "a part raised",
                        build(1, 1, b -> b.struct("p", part(2), d -> d)),
                        build(1, 1, b -> b.struct("p", part(1), d -> d)),
                        "part 'p' of 'device' has version 2, and here it has 1"),
                Arguments.of(
                        "a part that travels as its old version",
                        build(1, 1, b -> b.struct("p", part(2), 1, d -> d)),
                        build(1, 1, b -> b.struct("p", part(1), d -> d)),
                        ""),
                Arguments.of(
                        "another name of a part",
                        build(1, 1, b -> b.struct("p", part(1), d -> d)),
                        build(1, 1, b -> b.struct("q", part(1), d -> d)),
                        "'device' has a part 'p' that does not exist here"),
                Arguments.of(
                        "another device",
                        build(1, 1, nothing),
                        VmState.<Device>of("other", 1).build(),
                        "Unknown section or instance 'device' 0. Make sure that your current VM setup matches your"
                                + " saved VM setup, including any hotplugged devices"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("builds")
    void whatCouldNotBeLoadedIsRefused(String what, VmState<Device> there, VmState<Device> here, String refusal)
            throws StateException {
        assertThat(refusal(sections(there, new Device()), sections(here, new Device())))
                .as(what)
                .isEqualTo(refusal);
    }

    @Test
    void whatIsNotNeededNowIsNoReason() throws StateException {
        Device unused = new Device();
        unused.used = false;
        VmState<Device> there = build(1, 1, b -> b.subsection(extra(1)));
        assertThat(refusal(sections(there, unused), sections(build(1, 1, b -> {}), new Device())))
                .isEmpty();
        VmState<Device> optional =
                VmState.<Device>of("optional", 1).needed(d -> d.used).build();
        assertThat(refusal(sections(optional, unused), List.of())).isEmpty();
    }

    @Test
    void everyKindOfFieldIsFoundAgain() throws StateException {
        List<Section<?>> there = List.of(Section.of(EveryField.STATE, EveryField.filled()));
        assertThat(refusal(there, List.of(Section.of(EveryField.STATE, new EveryField()))))
                .isEmpty();
        String manifest = new String(StateManifest.of(there).toByteArray(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(manifest)
                .contains("every", "/varStructs>part/more", "/part>part/more", "/tree", "/doubled", ">every/extra");
    }

    @Test
    void aManifestOfAFormatToComeSaysNothing() throws StateException {
        byte[] bytes =
                StateManifest.of(sections(build(9, 9, b -> {}), new Device())).toByteArray();
        bytes[3] = 2;
        assertThat(StateManifest.read(bytes).refusal(List.of())).isEmpty();
    }

    @Test
    void rubbishIsNoManifest() throws StateException {
        byte[] bytes =
                StateManifest.of(sections(build(1, 1, b -> {}), new Device())).toByteArray();
        for (int length = 0; length < bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> StateManifest.read(part))
                    .isInstanceOf(StateException.class)
                    .hasMessageMatching("the manifest of the old process's state ends early|.*stream error: -5");
        }
        byte[] strange = bytes.clone();
        strange[5] = 7;
        assertThatThrownBy(() -> StateManifest.read(strange))
                .hasMessageContaining("the manifest has an entry of kind 7");
    }
}
