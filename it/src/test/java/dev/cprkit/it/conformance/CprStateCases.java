package dev.cprkit.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.it.stream.CprStateStream;
import dev.cprkit.it.stream.MainStream;
import dev.cprkit.it.stream.RamContent;
import dev.cprkit.it.stream.Recording;
import dev.cprkit.it.vm.VmProcess;
import dev.cprkit.proto.os.Fds;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a new process says to CPR state that is not what it should be, and how RAM is taken over. */
interface CprStateCases extends Cases {
    int NAME_AT = 13;

    @Test
    @Case(9)
    default void cprStateThatIsNoneEndsTheNewProcess() throws Exception {
        Trial trial = trial();
        Recording good = trial.record();
        byte[] magic = good.cpr().clone();
        magic[0] = 'X';
        trial.assertEnds(trial.replayState(good.withCpr(magic)), "Not a migration stream (bad magic 58435052)");
        trial.assertEnds(trial.replayState(good.withCpr(new byte[0])), "Not a migration stream (bad magic 0)");
        byte[] version = good.cpr().clone();
        version[7] = 2;
        trial.assertEnds(trial.replayState(good.withCpr(version)), "Unsupported migration stream version 2");
    }

    @Test
    @Case(9)
    default void cprStateThatStopsHalfwayEndsTheNewProcess() throws Exception {
        Trial trial = trial();
        Recording good = trial.record();
        CprStateStream state = CprStateStream.of(good.cpr(), CprStateStream.Form.ATTACHED);
        byte[] inName = Arrays.copyOf(good.cpr(), NAME_AT + 2);
        trial.assertEnds(
                trial.replayState(good.withCpr(inName)),
                trial.subject().since11("Failed to load cpr fd:name", "Failed to load cpr fd state: stream error: -5"));
        byte[] afterFirst = Arrays.copyOf(good.cpr(), state.entries().getFirst().at() + 1);
        trial.assertEnds(
                trial.replayState(good.withCpr(afterFirst)),
                trial.subject()
                        .since11("Failed to load CprState:fds", "Failed to load CprState state: stream error: -5"));
        byte[] unknown = "\5\14CprState/abc\0\0\0\1".getBytes(StandardCharsets.US_ASCII);
        byte[] withUnknown = Arrays.copyOf(good.cpr(), state.end() + unknown.length);
        System.arraycopy(unknown, 0, withUnknown, state.end(), unknown.length);
        trial.assertEnds(
                trial.replayState(good.withCpr(withUnknown)),
                trial.subject()
                        .since11(
                                "vmstate_load_state error -2",
                                "VM subsection 'CprState/abc' in 'CprState' does not exist"));
    }

    @Test
    @Case(9)
    default void aMissingDescriptorIsNotPassedOver() throws Exception {
        Trial trial = trial();
        VmProcess next = trial.replayState(trial.record().withoutDescriptors());
        if (trial.subject().isOld()) {
            trial.assertEnds(next, "Failed to load CprState:fds");
        } else if (Difference.STATE_WITHOUT_DESCRIPTOR.isMeant(trial.subject())) {
            trial.assertEnds(next, "no FD come with service byte");
        } else {
            assertThat(next.status()).isEqualTo("inmigrate");
            assertThat(next.output()).contains("cpr-in no FD come with service byte");
        }
    }

    @Test
    @Case(9)
    default void aWrongServiceByteIsNotPassedOver() throws Exception {
        Trial trial = trial();
        Recording good = trial.record();
        byte[] wrong = good.cpr().clone();
        wrong[
                CprStateStream.of(wrong, CprStateStream.Form.ATTACHED)
                        .entries()
                        .getFirst()
                        .at()] = '!';
        VmProcess next = trial.replayState(good.withCpr(wrong));
        if (Difference.WRONG_SERVICE_BYTE.isMeant(trial.subject())) {
            trial.assertEnds(next, "unexpected service byte: 33(!)");
        } else {
            assertThat(next.status()).isEqualTo("inmigrate");
            assertThat(next.output()).contains(trial.subject().since11("", "cpr-in unexpected service byte: 33(!)"));
        }
    }

    @Test
    @Case(16)
    default void memoryThatIsTooSmallIsRefused() throws Exception {
        Trial trial = trial();
        Recording good = trial.record();
        int at = CprStateStream.of(good.cpr(), CprStateStream.Form.ATTACHED)
                .entry("ram0")
                .at();
        try (RandomAccessFile file = new RandomAccessFile(trial.file("small").toFile(), "rw")) {
            file.setLength(0x1000000);
        }
        int small = Fds.open(trial.file("small").toString(), Fds.O_RDWR | Fds.O_CLOEXEC, 0);
        trial.closed(() -> Fds.close(small));
        trial.assertEnds(
                trial.replayState(good.withDescriptor(at, small)),
                "backing store size 0x1000000 is too small for 'size' option 0x2000000 plus 'offset' option 0x0");
    }

    @Test
    @Case(16)
    default void memoryThatHasGrownIsTakenAsFarAsItIsWanted() throws Exception {
        Trial trial = trial();
        Recording good = trial.record();
        int at = CprStateStream.of(good.cpr(), CprStateStream.Form.ATTACHED)
                .entry("ram0")
                .at();
        Path grown = trial.file("grown");
        Files.copy(Path.of("/proc/self/fd/" + good.descriptors().get(at)), grown);
        try (RandomAccessFile file = new RandomAccessFile(grown.toFile(), "rw")) {
            file.setLength(file.length() + 0x1000000);
        }
        int larger = Fds.open(grown.toString(), Fds.O_RDWR | Fds.O_CLOEXEC, 0);
        trial.closed(() -> Fds.close(larger));
        VmProcess next = trial.replay(good.withDescriptor(at, larger));
        next.awaitStatus("running");
        trial.assertRuns(next);
        assertThat(grown).hasSize(0x3000000);
    }

    @Test
    @Case(16)
    default void aBlockOfAnotherSizeIsRefusedUnlessItMayGrow() throws Exception {
        Trial trial = trial();
        Recording good = trial.record();
        MainStream stream = MainStream.of(good.main());
        byte[] other = good.main().clone();
        RamContent.Block ram = stream.ram().block("ram0");
        ByteBuffer.wrap(other).putLong(ram.sizeAt(), ram.size() - 0x1000);
        trial.assertEnds(
                trial.replay(good.withMain(other)), "Size mismatch: ram0: 0x1fff000 != 0x2000000: Invalid argument");
        if (Difference.NO_BLOCK_THAT_GROWS.isMeant(trial.subject())) {
            assertThat(stream.ram().blocks())
                    .allSatisfy(block -> assertThat(block.name()).doesNotStartWith("/rom@"));
            return;
        }
        byte[] grown = good.main().clone();
        RamContent.Block tables = stream.ram().block("/rom@etc/acpi/tables");
        ByteBuffer.wrap(grown).putLong(tables.sizeAt(), tables.size() + 0x1000);
        ByteBuffer.wrap(grown).putLong(stream.ram().totalAt(), stream.ram().total() + 0x1000 | 4);
        VmProcess next = trial.replay(good.withMain(grown));
        next.awaitStatus("running");
    }

    @Test
    @Case(17)
    default void ofTwoMainChannelsTheLastOneCounts() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.guest().awaitCount(1);
        VmProcess next = trial.target(
                "new", trial.machine(), "unix:" + trial.file("first"), "-incoming", "unix:" + trial.mainPath());
        trial.migrate(old);
        next.awaitStatus("running");
        assertThat(trial.file("first")).doesNotExist();
        trial.assertRuns(next);
    }

    @Test
    @Case(17)
    default void withOnlyACprChannelTheMainOneIsNamedLater() throws Exception {
        Trial trial = trial();
        Recording good = trial.record();
        List<String> options = trial.machine();
        options.addAll(List.of("-incoming", trial.cprOption()));
        VmProcess next = trial.start("new", options);
        trial.awaitListener(next, trial.cprPath());
        trial.sendState(good);
        assertThat(next.status()).isEqualTo("inmigrate");
        assertThat(next.migration()).isEqualTo("none");
        next.execute("migrate-incoming", "{'uri':'unix:" + trial.mainPath() + "'}");
        trial.sendMain(good);
        next.awaitStatus("running");
        trial.assertRuns(next);
    }
}
