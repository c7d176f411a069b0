package dev.cprkit.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.it.stream.CprStateStream;
import dev.cprkit.it.stream.MainStream;
import dev.cprkit.it.stream.RamContent;
import dev.cprkit.it.stream.Recording;
import dev.cprkit.it.vm.VmProcess;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a new process says to a main stream that is not what it should be. */
interface StreamCases extends Cases {
    int MACHINE_AT = 13;

    @Test
    @Case(9)
    default void aMainStreamThatIsNoneEndsTheNewProcess() throws Exception {
        Trial trial = trial();
        Recording good = trial.record();
        byte[] magic = good.main().clone();
        magic[0] = 'X';
        trial.assertEnds(
                trial.replay(good.withMain(magic)),
                trial.subject().since11("Not a migration stream", "unknown channel magic: 1480939085"));
        byte[] version = good.main().clone();
        version[7] = 9;
        trial.assertEnds(
                trial.replay(good.withMain(version)),
                trial.subject()
                        .since11(
                                "Unsupported migration stream version",
                                "Unsupported migration stream version, file version 9 != 3"));
        version[7] = 2;
        trial.assertEnds(
                trial.replay(good.withMain(version)),
                trial.subject()
                        .since11(
                                "SaveVM v2 format is obsolete and don't work anymore",
                                "SaveVM v2 format is obsolete and no longer supported"));
    }

    @Test
    @Case(9)
    default void aMainStreamThatStopsHalfwayEndsTheNewProcess() throws Exception {
        Trial trial = trial();
        Recording good = trial.record();
        MainStream.Section section = MainStream.of(good.main()).section("globalstate", 0);
        trial.assertEnds(
                trial.replay(good.withMain(new byte[0])),
                trial.subject().since11("Not a migration stream", "Failed to peek at channel"));
        trial.assertEnds(
                trial.replay(good.withMain(Arrays.copyOf(good.main(), section.payload() + 50))),
                "error while loading state for instance 0x0 of device 'globalstate'");
    }

    @Test
    @Case(24)
    default void aStreamIsWhatTheReferenceSays() throws Exception {
        Trial trial = trial();
        Recording recording = trial.record();
        CprStateStream state = CprStateStream.of(recording.cpr(), CprStateStream.Form.ATTACHED);
        assertThat(recording.descriptors().keySet())
                .as("each descriptor is attached to its byte")
                .containsExactlyInAnyOrderElementsOf(
                        state.entries().stream().map(CprStateStream.Entry::at).toList());
        assertThat(state.subsections()).isEqualTo(trial.subject().since11(List.of(), List.of("CprState/vfio devices")));
        MainStream stream = MainStream.of(recording.main());
        assertThat(stream.ram().pages()).isEmpty();
        assertThat(stream.ram().total())
                .isEqualTo(stream.ram().blocks().stream()
                        .mapToLong(RamContent.Block::size)
                        .sum());
        List<String> described = new ArrayList<>();
        stream.description()
                .orElseThrow()
                .path("devices")
                .forEach(device -> described.add("FULL " + device.path("name").asText() + " "
                        + device.path("instance_id").asInt()));
        assertThat(stream.outline())
                .filteredOn(item -> item.startsWith("FULL"))
                .isEqualTo(described)
                .endsWith("FULL globalstate 0");
    }

    @Test
    @Case(23)
    default void anotherMachineIsRefused() throws Exception {
        Trial trial = trial();
        Recording good = trial.record();
        byte[] other = good.main().clone();
        System.arraycopy("vort".getBytes(StandardCharsets.US_ASCII), 0, other, MACHINE_AT, 4);
        trial.assertEnds(trial.replay(good.withMain(other)), "Machine type received is 'vort' and local is 'virt'");
    }

    @Test
    @Case(24)
    default void theGlobalStateIsOf104BytesAndKnown() throws Exception {
        Trial trial = trial();
        Recording good = trial.record();
        MainStream.Section section = MainStream.of(good.main()).section("globalstate", 0);
        assertThat(section.footer() - section.payload()).isEqualTo(GlobalStateBytes.SIZE);
        byte[] expected = GlobalStateBytes.of("running", false).bytes();
        assertThat(Arrays.copyOfRange(good.main(), section.payload(), section.footer()))
                .isEqualTo(expected);
        byte[] unknown = GlobalStateBytes.of("dreaming", false).in(good.main(), section.payload());
        trial.assertEnds(
                trial.replay(good.withMain(unknown)),
                "error while loading state for instance 0x0 of device 'globalstate'",
                "dreaming");
    }

    @Test
    @Case(25)
    default void aStreamWithoutDescriptionIsTakenAllTheSame() throws Exception {
        Trial trial = trial();
        Recording good = trial.record();
        MainStream stream = MainStream.of(good.main());
        assertThat(stream.description()).isPresent();
        VmProcess next = trial.replay(good.withMain(Arrays.copyOf(good.main(), stream.end() + 1)));
        next.awaitStatus("running");
        trial.assertRuns(next);
    }

    @Test
    @Case(18)
    default void aSectionThatTheNewMachineDoesNotHaveIsRefused() throws Exception {
        Trial trial = trial();
        Recording good = trial.record();
        String device = trial.subject().isVmm() ? "serial" : "goldfish_rtc";
        MainStream.Section section = MainStream.of(good.main()).section(device, 0);
        String text = trial.subject().since11("Unknown savevm section or instance '", "Unknown section or instance '");
        byte[] instance = good.main().clone();
        instance[section.instanceAt() + 3] = 7;
        trial.assertEnds(
                trial.replay(good.withMain(instance)),
                text + device + "' 7. Make sure that your current VM setup matches your saved VM setup, including any"
                        + " hotplugged devices");
        byte[] name = good.main().clone();
        name[section.nameAt() + 1] = 'X';
        trial.assertEnds(trial.replay(good.withMain(name)), text + "X" + device.substring(1) + "' 0. Make sure");
        byte[] version = good.main().clone();
        version[section.instanceAt() + 7] = 99;
        trial.assertEnds(trial.replay(good.withMain(version)), "unsupported version 99 for '" + device + "' v");
    }
}
