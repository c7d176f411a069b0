package dev.cprkit.vmm.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.vmm.state.EveryField.Part;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the codec does around the fields, whose kinds {@link FieldKindsTest} has: versions, subsections, hooks. */
class StateCodecTest {
    /** Of {@code every/extra}, which ends the stream: two bytes, name, version, number. */
    private static final int SUBSECTION = 2 + "every/extra".length() + 4 + 4;

    @Test
    void refusesVersionsOutsideItsRange() {
        assertThatThrownBy(() -> StateDecoder.load(EveryField.STATE, new EveryField(), 4, StateInput.of(new byte[200])))
                .hasMessage("every: incoming version_id 4 is too new for local version_id 3");
        assertThatThrownBy(() -> StateDecoder.load(EveryField.STATE, new EveryField(), 1, StateInput.of(new byte[200])))
                .hasMessage("every: incoming version_id 1 is too old for local minimum version_id 2");
    }

    @Test
    void refusesAnUnknownSubsectionOfItsOwnButLeavesAnothers() throws Exception {
        assertThatThrownBy(() -> StateDecoder.load(Part.STATE, new Part(), 1, StateInput.of(followedBy("part/x"))))
                .hasMessage("VM subsection 'part/x' in 'part' does not exist");
        StateInput in = StateInput.of(followedBy("abcd/x"));
        StateDecoder.load(Part.STATE, new Part(), 1, in);
        assertThat(in.position()).isEqualTo(1);
    }

    /** A part's value, and a subsection of that name. */
    private static byte[] followedBy(String subsection) {
        return HexFormat.of()
                .parseHex("aa0506"
                        + HexFormat.of().formatHex(subsection.getBytes(StandardCharsets.US_ASCII))
                        + "00000001");
    }

    @Test
    void everyTruncationIsAnError() throws Exception {
        byte[] bytes = EveryField.save(EveryField.filled());
        for (int length = 0; length < bytes.length; length++) {
            if (length == bytes.length - SUBSECTION) {
                continue; // without the optional subsection: complete
            }
            StateInput in = StateInput.of(Arrays.copyOf(bytes, length));
            try {
                StateDecoder.load(EveryField.STATE, new EveryField(), 3, in);
                assertThat(in.position()).as("length %s", length).isLessThan(length);
            } catch (StateException e) {
                // Where it ends within a subsection's name, that is read as what comes next instead.
                assertThat(e.getMessage()).containsAnyOf("state: stream error: -5", "Unexpected ptr marker: 5");
            }
        }
    }

    @Test
    void theDescriptionHasTheConfigurationBeforeTheDevices() throws Exception {
        String json = StreamDescription.of(
                Section.of(Part.STATE, new Part()),
                List.of(Section.of(EveryField.STATE, 2, EveryField.filled())),
                4096);
        assertThat(json)
                .startsWith("{\"configuration\":{\"vmsd_name\":\"part\",\"version\":2,\"fields\":["
                        + "{\"name\":\"value\",\"type\":\"uint8\",\"size\":1},"
                        + "{\"name\":\"newer\",\"type\":\"uint16\",\"size\":2}]},\"page_size\":4096,\"devices\":["
                        + "{\"name\":\"every\",\"instance_id\":2,\"vmsd_name\":\"every\",\"version\":3,\"fields\":[")
                .contains("{\"name\":\"longs\",\"array_len\":2,\"type\":\"uint64\",\"size\":8}")
                .contains("{\"name\":\"parts\",\"index\":1,\"type\":\"struct\",\"struct\":{\"vmsd_name\":\"part\"")
                .contains("\"subsections\":[{\"vmsd_name\":\"every/extra\"")
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
