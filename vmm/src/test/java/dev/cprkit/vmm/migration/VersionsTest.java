package dev.cprkit.vmm.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.cpr.CprException;
import dev.cprkit.vmm.cpr.CprListener;
import dev.cprkit.vmm.state.VmState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Updates between two builds of one device: forth, back, and refused. */
@Timeout(60)
class VersionsTest {
    private static void first(VmState.Builder<TestMachine> builder) {
        assertThat(builder.build().subsections()).isEmpty();
    }

    /** The build that came later: one field more, in a subsection that is sent when the field was used. */
    private static void later(VmState.Builder<TestMachine> builder) {
        builder.subsection(VmState.<TestMachine>of("counter/extra", 1)
                .u64("extra", m -> m.extra, (m, v) -> m.extra = v)
                .needed(m -> m.extra != 0)
                .build());
    }

    @TempDir
    private Path folder;

    private final List<TestMachine> machines = new ArrayList<>();
    private int updates;

    @AfterEach
    void end() {
        machines.forEach(TestMachine::close);
        assertThat(machines).noneMatch(TestMachine::sawIntruder);
    }

    private static TestMachine.Options options(Consumer<VmState.Builder<TestMachine>> device) {
        TestMachine.Options options = new TestMachine.Options();
        options.device = device;
        return options;
    }

    private TestMachine boot(TestMachine.Options options) throws Exception {
        TestMachine machine = new TestMachine(options, Optional.empty());
        machines.add(machine);
        machine.counter = 41;
        machine.start();
        machine.awaitProgress();
        return machine;
    }

    /** Sends the old machine's CPR state to a new process, and returns what came. */
    private CprListener hand(TestMachine old) throws Exception {
        updates++;
        int listener = Sockets.listenUnix(path("cpr"), 1);
        FutureTask<CprListener> receiver = new FutureTask<>(() -> CprListener.receive(
                new MigrationAddress.Socket(new SocketAddress.Fd(Integer.toString(listener))),
                20 * TestMachine.SECOND));
        Thread.ofPlatform().daemon().start(receiver);
        old.mode("cpr-transfer");
        old.command(
                "migrate",
                new JsonObject()
                        .put("channels", new JsonArray().add(channel("main")).add(channel("cpr"))));
        return receiver.get(20, TimeUnit.SECONDS);
    }

    private JsonObject channel(String type) {
        return new JsonObject()
                .put("channel-type", type)
                .put(
                        "addr",
                        new JsonObject()
                                .put("transport", "socket")
                                .put("type", "unix")
                                .put("path", path(type)));
    }

    private String path(String type) {
        return folder.resolve(type + updates).toString();
    }

    private TestMachine update(TestMachine old, TestMachine.Options options) throws Exception {
        options.incoming = true;
        TestMachine next = new TestMachine(options, Optional.of(hand(old)));
        machines.add(next);
        next.on(() -> {
            next.migration.startIncoming(new MigrationAddress.Socket(new SocketAddress.Unix(path("main"))), true);
            return 0;
        });
        return next;
    }

    private TestMachine updated(TestMachine old, TestMachine.Options options) throws Exception {
        TestMachine next = update(old, options);
        next.awaitStatus("completed");
        old.awaitStatus("completed");
        next.awaitProgress();
        assertThat(next.counter).isEqualTo(41);
        return next;
    }

    /** The new process ends before the guest has stopped, and the old one says why. */
    private void refused(TestMachine old, TestMachine.Options options, String reason) throws Exception {
        options.incoming = true;
        CprListener received = hand(old);
        assertThatThrownBy(() -> new TestMachine(options, Optional.of(received)))
                .isInstanceOf(CprException.class)
                .hasMessage("the new process cannot load this guest's state: " + reason);
        received.hangUp(); // as the end of the process does
        old.awaitStatus("failed");
        assertThat(old.errorDesc()).isEqualTo("the new process cannot load this guest's state: " + reason);
        assertThat(old.events).doesNotContain("STOP");
        assertThat(old.runState()).isEqualTo(RunState.RUNNING);
        old.awaitProgress();
    }

    @Test
    void aBuildWithAFieldMoreTakesTheGuestAndGivesItBackAsLongAsTheFieldIsNotUsed() throws Exception {
        TestMachine first = boot(options(VersionsTest::first));
        TestMachine later = updated(first, options(VersionsTest::later));
        assertThat(later.extra).isZero();
        TestMachine back = updated(later, options(VersionsTest::first));
        TestMachine again = updated(back, options(VersionsTest::later));
        again.extra = 7;
        assertThat(updated(again, options(VersionsTest::later)).extra).isEqualTo(7);
    }

    @Test
    void aFieldThatIsUsedCannotGoBackAndTheGuestRunsOn() throws Exception {
        TestMachine later = boot(options(VersionsTest::later));
        later.extra = 7;
        refused(later, options(VersionsTest::first), "VM subsection 'counter/extra' in 'counter' does not exist");
        later.extra = 0;
        assertThat(updated(later, options(VersionsTest::first)).extra).isZero();
    }

    @Test
    void aVersionThatIsTooNewIsRefusedBeforeTheGuestStops() throws Exception {
        TestMachine.Options raised = options(VersionsTest::first);
        raised.deviceVersion = 2;
        refused(boot(raised), options(VersionsTest::first), "unsupported version 2 for 'counter' v1");
    }

    @Test
    void aVersionThatIsTooOldIsRefusedBeforeTheGuestStops() throws Exception {
        TestMachine.Options raised = options(builder -> builder.minimum(2));
        raised.deviceVersion = 2;
        refused(
                boot(options(VersionsTest::first)),
                raised,
                "counter: incoming version_id 1 is too old for local minimum version_id 2");
    }

    @Test
    void otherFieldsOfTheSameVersionAreRefusedBeforeTheGuestStops() throws Exception {
        refused(
                boot(options(builder -> builder.u32("extra", m -> m.extra, (m, v) -> m.extra = v))),
                options(builder -> builder.u64("extra", m -> m.extra, (m, v) -> m.extra = v)),
                "counter: version_id 1 has other fields than the local one of that number");
    }

    @Test
    void whatComesIntoUseAfterTheManifestWasSentIsRefusedWhenItIsLoadedAndTheGuestRunsOn() throws Exception {
        TestMachine later = boot(options(VersionsTest::later));
        TestMachine.Options incoming = options(VersionsTest::first);
        incoming.incoming = true;
        CprListener received = hand(later);
        TestMachine first = new TestMachine(incoming, Optional.of(received));
        machines.add(first);
        later.on(() -> later.extra = 7);
        first.on(() -> {
            first.migration.startIncoming(new MigrationAddress.Socket(new SocketAddress.Unix(path("main"))), true);
            return 0;
        });
        later.awaitStatus("failed");
        first.awaitStatus("failed");
        assertThat(first.errorDesc()).endsWith("VM subsection 'counter/extra' in 'counter' does not exist");
        later.awaitProgress();
        assertThat(later.extra).isEqualTo(7);
    }

    @Test
    void aDeviceThatIsDeclaredUnmigratableKeepsItsMachine() throws Exception {
        TestMachine machine = boot(options(VmState.Builder::unmigratable));
        machine.mode("cpr-transfer");
        JsonObject channels = new JsonObject()
                .put("channels", new JsonArray().add(channel("main")).add(channel("cpr")));
        assertThatThrownBy(() -> machine.command("migrate", channels))
                .rootCause()
                .hasMessage("State blocked by non-migratable device 'counter'");
        assertThat(machine.on(() -> machine.migration.blockedReasons()))
                .containsExactly("non-migratable device: counter");
    }
}
