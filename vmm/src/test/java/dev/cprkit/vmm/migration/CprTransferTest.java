package dev.cprkit.vmm.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.SocketMessages;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.MigrationChannel;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.cpr.Checkpoint;
import dev.cprkit.vmm.cpr.CprListener;
import dev.cprkit.vmm.cpr.Ownership;
import dev.cprkit.vmm.machine.VirtualMachine.CannotResume;
import dev.cprkit.vmm.monitor.qmp.QmpArguments;
import dev.cprkit.vmm.state.StateException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole transfers between two machines in one process, over real sockets. */
@Timeout(60)
class CprTransferTest {
    private static final long SECOND = TestMachine.SECOND;

    @TempDir
    Path folder;

    private final List<TestMachine> machines = new ArrayList<>();
    private final List<Ownership> joined = new ArrayList<>();
    private TestMachine source;

    @BeforeEach
    void boot() throws Exception {
        source = machine(new TestMachine.Options());
        source.counter = 41;
        source.mode("cpr-transfer");
        source.start();
        source.awaitProgress();
    }

    @AfterEach
    void end() throws Exception {
        joined.forEach(Ownership::close);
        for (TestMachine machine : machines) {
            machine.close();
        }
        assertThat(machines).noneMatch(TestMachine::sawIntruder);
    }

    private TestMachine machine(TestMachine.Options options) throws Exception {
        TestMachine machine = new TestMachine(options, Optional.empty());
        machines.add(machine);
        return machine;
    }

    private static TestMachine.Options incoming() {
        TestMachine.Options options = new TestMachine.Options();
        options.incoming = true;
        return options;
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    private static MigrationAddress unix(String path) {
        return new MigrationAddress.Socket(new SocketAddress.Unix(path));
    }

    private FutureTask<CprListener> receiver() throws Exception {
        int listener = Sockets.listenUnix(path("cpr"), 1);
        FutureTask<CprListener> task = new FutureTask<>(() -> CprListener.receive(
                new MigrationAddress.Socket(new SocketAddress.Fd(Integer.toString(listener))), 20 * SECOND));
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    private static JsonObject channels(MigrationAddress main, String cpr) {
        return new JsonObject()
                .put(
                        "channels",
                        new JsonArray()
                                .add(channel("main", main))
                                .add(channel("cpr", new MigrationAddress.Socket(new SocketAddress.Unix(cpr)))));
    }

    private static JsonObject channel(String type, MigrationAddress address) {
        JsonObject addr = address instanceof MigrationAddress.Socket(SocketAddress socket)
                ? Channels.json(socket).put("transport", "socket")
                : new JsonObject().put("transport", "file").put("filename", "f").put("offset", 0);
        return new JsonObject().put("channel-type", type).put("addr", addr);
    }

    private JsonObject migrateTo(String main) {
        return channels(unix(path(main)), path("cpr"));
    }

    /** Builds the new machine from what the old one sent. */
    private TestMachine receive(FutureTask<CprListener> receiver, TestMachine.Options options) throws Exception {
        TestMachine target = new TestMachine(options, Optional.of(receiver.get(20, TimeUnit.SECONDS)));
        machines.add(target);
        return target;
    }

    private static void listen(TestMachine target, MigrationAddress main) throws Exception {
        target.on(() -> {
            target.migration.startIncoming(main, true);
            return 0;
        });
    }

    private TestMachine transfer(TestMachine from, TestMachine.Options options) throws Exception {
        FutureTask<CprListener> receiver = receiver();
        from.command("migrate", migrateTo("main"));
        TestMachine target = receive(receiver, options);
        listen(target, unix(path("main")));
        return target;
    }

    @Test
    void aRunningGuestGoesOnInTheNewProcess() throws Exception {
        TestMachine target = transfer(source, incoming());
        source.awaitStatus("completed");
        target.awaitStatus("completed");
        assertThat(source.runState()).isEqualTo(RunState.POSTMIGRATE);
        assertThat(target.runState()).isEqualTo(RunState.RUNNING);
        assertThat(target.counter).isEqualTo(41);
        target.awaitProgress();
        assertThat(source.events)
                .containsExactly(
                        "RESUME",
                        "MIGRATION setup",
                        "STOP",
                        "MIGRATION active",
                        "MIGRATION_PASS 2",
                        "MIGRATION device",
                        "MIGRATION completed");
        assertThat(target.events)
                .containsExactly("MIGRATION setup", "MIGRATION active", "RESUME", "MIGRATION completed");
        assertThat(folder.toFile().list()).isEmpty();
    }

    @Test
    void theCprChannelMayBeNamedByAParameter() throws Exception {
        source.command("migrate-set-parameters", new JsonObject().put("cpr-uri", "unix:" + path("cpr")));
        FutureTask<CprListener> receiver = receiver();
        source.command("migrate", new JsonObject().put("uri", "unix:" + path("main")));
        TestMachine target = receive(receiver, incoming());
        listen(target, unix(path("main")));
        source.awaitStatus("completed");
        target.awaitProgress();
    }

    /** Each process has its own: what the old one was told does not count in the new one, its command line does. */
    @Test
    void settingsDoNotTravel() throws Exception {
        source.capability(MigrationCapability.RETURN_PATH);
        source.command(
                "migrate-set-parameters",
                new JsonObject().put("downtime-limit", 7).put("max-bandwidth", 8));
        FutureTask<CprListener> receiver = receiver();
        source.command("migrate", migrateTo("main"));
        TestMachine target = receive(receiver, incoming());
        target.on(() -> {
            target.config.globals().apply("x-max-bandwidth", "9");
            target.config.globals().check();
            return 0;
        });
        listen(target, unix(path("main")));
        target.awaitStatus("completed");
        MigrationParameters parameters = target.config.parameters();
        assertThat(parameters.mode()).isEqualTo(MigMode.NORMAL);
        assertThat(parameters.number(MigrationParameter.DOWNTIME_LIMIT)).isEqualTo(300);
        assertThat(parameters.number(MigrationParameter.MAX_BANDWIDTH)).isEqualTo(9);
        assertThat(target.config.capabilities().has(MigrationCapability.RETURN_PATH))
                .isFalse();
    }

    /** As when the new process lists its main channel at once, and a client sets what both sides must agree on after. */
    @Test
    void capabilitiesMayBeSetWhileTheNewProcessListens() throws Exception {
        source.capability(MigrationCapability.X_IGNORE_SHARED);
        FutureTask<CprListener> receiver = receiver();
        source.command("migrate", migrateTo("main"));
        TestMachine target = receive(receiver, incoming());
        target.on(() -> {
            target.migration.startIncoming(unix(path("main")), true);
            target.qmp
                    .find("migrate-set-capabilities")
                    .orElseThrow()
                    .execute(new QmpArguments(new JsonObject()
                            .put(
                                    "capabilities",
                                    new JsonArray()
                                            .add(new JsonObject()
                                                    .put("capability", "x-ignore-shared")
                                                    .put("state", true)))));
            return 0;
        });
        source.awaitStatus("completed");
        target.awaitProgress();
    }

    @Test
    void theTimelineTellsThePauseOnBothSides() throws Exception {
        TestMachine target = transfer(source, incoming());
        source.awaitStatus("completed");
        target.awaitProgress();
        JsonObject seen = (JsonObject) target.command("x-query-cpr-timeline", new JsonObject());
        assertThat(seen.members().get("role")).isEqualTo(new JsonString("target"));
        assertThat(seen.members().get("generation")).isEqualTo(JsonNumber.of(2));
        assertThat(((JsonArray) seen.members().get("checkpoints")).values()).hasSize(11);
        assertThat(((JsonArray) seen.members().get("peer-checkpoints")).values())
                .hasSizeGreaterThanOrEqualTo(8);
        long pause = ((JsonNumber) seen.members().get("pause-ns")).integer().longValue();
        assertThat(pause).isBetween(1L, SECOND);
        JsonObject left = (JsonObject) source.command("x-query-cpr-timeline", new JsonObject());
        assertThat(left.members().get("role")).isEqualTo(new JsonString("source"));
        assertThat(left.members().get("pause-ns")).isEqualTo(seen.members().get("pause-ns"));
    }

    @Test
    void aStoppedGuestStaysStoppedUntilItIsContinued() throws Exception {
        source.on(() -> {
            source.stop(RunState.PAUSED);
            return 0;
        });
        TestMachine target = transfer(source, incoming());
        target.awaitStatus("completed");
        source.awaitStatus("completed");
        assertThat(target.runState()).isEqualTo(RunState.PAUSED);
        assertThat(target.events).doesNotContain("RESUME");
        target.start();
        target.awaitProgress();
    }

    @Test
    void aGuestThatSleptWhenItWasStoppedWillSleepInTheNewProcess() throws Exception {
        source.on(() -> {
            source.stop(RunState.PAUSED);
            source.asleep = true;
            return 0;
        });
        TestMachine target = transfer(source, incoming());
        target.awaitStatus("completed");
        assertThat(target.runState()).isEqualTo(RunState.PAUSED);
        assertThat(target.asleep).isTrue();
    }

    @Test
    void minusSKeepsARunningGuestStopped() throws Exception {
        TestMachine.Options options = incoming();
        options.autostart = false;
        TestMachine target = transfer(source, options);
        target.awaitStatus("completed");
        assertThat(target.runState()).isEqualTo(RunState.PAUSED);
    }

    @Test
    void migrateIncomingStartsADeferredMachine() throws Exception {
        FutureTask<CprListener> receiver = receiver();
        source.command("migrate", migrateTo("main"));
        TestMachine target = receive(receiver, incoming());
        assertThat(source.status()).isEqualTo("setup");
        source.awaitProgress();
        assertThat(target.refusal("migrate", migrateTo("main")))
                .isEqualTo("Guest is waiting for an incoming migration");
        target.command("migrate-incoming", new JsonObject().put("uri", "unix:" + path("main")));
        target.awaitStatus("completed");
        assertThat(target.refusal("migrate-incoming", new JsonObject().put("uri", "unix:/x")))
                .isEqualTo("The incoming migration has already been started");
    }

    @Test
    void theMainChannelMayBeTcp() throws Exception {
        int probe = Sockets.listenInet(java.net.InetAddress.getLoopbackAddress(), 0, 1);
        int port = Sockets.localPort(probe);
        Fds.close(probe);
        MigrationAddress main =
                new MigrationAddress.Socket(new SocketAddress.Inet("127.0.0.1", Integer.toString(port)));
        FutureTask<CprListener> receiver = receiver();
        source.command("migrate", channels(main, path("cpr")));
        TestMachine target = receive(receiver, incoming());
        listen(target, main);
        target.awaitStatus("completed");
        source.awaitStatus("completed");
        target.awaitProgress();
    }

    @Test
    void tenInARow() throws Exception {
        TestMachine current = source;
        for (int i = 0; i < 10; i++) {
            current.mode("cpr-transfer");
            TestMachine next = transfer(current, incoming());
            current.awaitStatus("completed");
            next.awaitStatus("completed");
            next.awaitProgress();
            assertThat(next.counter).isEqualTo(41);
            current = next;
        }
        JsonObject seen = (JsonObject) current.command("x-query-cpr-timeline", new JsonObject());
        assertThat(seen.members().get("generation")).isEqualTo(JsonNumber.of(11));
    }

    @Test
    void theReturnPathBringsTheVerdict() throws Exception {
        source.capability(MigrationCapability.RETURN_PATH);
        TestMachine target = transfer(source, incoming());
        source.awaitStatus("completed");
        target.awaitStatus("completed");
        target.awaitProgress();
    }

    @Test
    void aLargeStateGoesThroughASmallSocket() throws Exception {
        source.close();
        machines.remove(source);
        TestMachine.Options options = new TestMachine.Options();
        options.padding = 8 << 20;
        source = machine(options);
        source.mode("cpr-transfer");
        source.start();
        TestMachine target = transfer(source, incoming());
        source.awaitStatus("completed");
        target.awaitProgress();
    }

    @Test
    void theOldProcessNeverRunsAGuestThatHasMoved() throws Exception {
        TestMachine target = transfer(source, incoming());
        source.awaitStatus("completed");
        String refused = source.on(() -> {
            try {
                source.resume();
                return "no error";
            } catch (CannotResume e) {
                return e.getMessage();
            }
        });
        assertThat(refused).startsWith("The guest has moved to another process");
        assertThat(source.on(() -> {
                    try {
                        source.reset("host-qmp-system-reset", false);
                        return "no error";
                    } catch (CannotResume e) {
                        return e.getMessage();
                    }
                }))
                .startsWith("The guest has moved");
        assertThat(source.refusal("migrate", migrateTo("main")))
                .isEqualTo("Can't migrate the vm that was paused due to previous migration");
        target.awaitProgress();
    }

    // ---- what goes wrong before the switch

    /** The guest runs on in the old process, and the next attempt works. */
    private void worksAfterwards() throws Exception {
        assertThat(source.runState()).isEqualTo(RunState.RUNNING);
        source.awaitProgress();
        TestMachine target = transfer(source, incoming());
        source.awaitStatus("completed");
        target.awaitStatus("completed");
        target.awaitProgress();
        assertThat(target.counter).isEqualTo(41);
    }

    @Test
    void noNewProcess() throws Exception {
        assertThat(source.refusal("migrate", migrateTo("main")))
                .isEqualTo("Failed to connect to '" + path("cpr") + "': No such file or directory");
        assertThat(source.status()).isEqualTo("failed");
        assertThat(source.events).containsExactly("RESUME", "MIGRATION setup", "MIGRATION failing", "MIGRATION failed");
        worksAfterwards();
    }

    @Test
    void theNewProcessDiesBeforeItListens() throws Exception {
        FutureTask<CprListener> receiver = receiver();
        source.command("migrate", migrateTo("main"));
        CprListener listener = receiver.get(20, TimeUnit.SECONDS);
        listener.state().closeRest();
        listener.hangUp();
        source.awaitStatus("failed");
        assertThat(source.errorDesc()).startsWith("Failed to connect to '" + path("main"));
        assertThat(source.events).doesNotContain("STOP");
        worksAfterwards();
    }

    @Test
    void theNewProcessDiesWithoutReadingTheDescriptors() throws Exception {
        int listener = Sockets.listenUnix(path("cpr"), 1);
        source.command("migrate", migrateTo("main"));
        Fds.close(Sockets.accept(listener));
        Fds.close(listener);
        source.awaitStatus("failed");
        assertThat(source.events).doesNotContain("STOP");
        worksAfterwards();
    }

    @Test
    void somethingElseListensOnTheCprChannel() throws Exception {
        int listener = Sockets.listenUnix(path("cpr"), 1);
        source.command("migrate", migrateTo("main"));
        int connection = Sockets.accept(listener);
        assertThat(SocketMessages.send(connection, new byte[] {1}, 0, 1)).isEqualTo(1);
        source.awaitStatus("failed");
        assertThat(source.errorDesc()).contains("not a new process of ours");
        Fds.close(connection);
        Fds.close(listener);
        worksAfterwards();
    }

    /** Plays the new process up to the main connection, without joining the ownership record, and returns it. */
    private int impostor(boolean join) throws Exception {
        FutureTask<CprListener> receiver = receiver();
        int main = Sockets.listenUnix(path("main"), 1);
        source.command("migrate", migrateTo("main"));
        CprListener listener = receiver.get(20, TimeUnit.SECONDS);
        if (join) {
            joined.add(Ownership.join(listener.state().take("cprkit.owner", 0).orElseThrow()));
        }
        listener.state().closeRest();
        listener.hangUp();
        int connection = Sockets.accept(main);
        Fds.close(main);
        return connection;
    }

    @Test
    void theNewProcessDiesAfterTheGuestStopped() throws Exception {
        Fds.close(impostor(true));
        source.awaitStatus("failed");
        assertThat(source.errorDesc()).isNotEmpty();
        assertThat(source.events).containsSubsequence("STOP", "MIGRATION failing", "RESUME", "MIGRATION failed");
        worksAfterwards();
    }

    @Test
    void theNewProcessDiesAfterItReadTheWholeStream() throws Exception {
        int connection = impostor(true);
        byte[] buffer = new byte[65536];
        assertThat(SocketMessages.receive(connection, buffer, 0, buffer.length).count())
                .isPositive();
        Fds.close(connection);
        source.awaitStatus("failed");
        worksAfterwards();
    }

    @Test
    void theNewProcessNeverAnswers() throws Exception {
        source.close();
        machines.remove(source);
        TestMachine.Options options = new TestMachine.Options();
        options.limits = new MigrationLimits(
                SECOND, SECOND / 20, SECOND, SECOND, SECOND / 20, SECOND / 20, 20 * SECOND, 5 * SECOND, 5 * SECOND);
        options.padding = 16 << 20;
        source = machine(options);
        source.counter = 41;
        source.mode("cpr-transfer");
        source.start();
        FutureTask<CprListener> receiver = receiver();
        source.command("migrate", migrateTo("main"));
        CprListener listener = receiver.get(20, TimeUnit.SECONDS);
        source.awaitStatus("failed");
        assertThat(source.errorDesc()).startsWith("the new process did not get ready within");
        listener.state().closeRest();
        listener.hangUp();
        int connection = impostor(true);
        source.awaitStatus("failed");
        assertThat(source.errorDesc()).startsWith("the new process did not read the stream within");
        assertThat(source.runState()).isEqualTo(RunState.RUNNING);
        Fds.close(connection);
    }

    @Test
    void aQemuThatIsSentEverythingIsBelievedToHaveTheGuest() throws Exception {
        int connection = impostor(false);
        source.awaitStatus("completed");
        assertThat(source.runState()).isEqualTo(RunState.POSTMIGRATE);
        Fds.close(connection);
        source.start(); // as QEMU allows: nothing can tell whether the new process is there
        source.awaitProgress();
    }

    @Test
    void whetherAQemuThatDiesBehindTheStreamHasTheGuestIsNotGuessed() throws Exception {
        source.close();
        machines.remove(source);
        AtomicInteger peer = new AtomicInteger(-1);
        TestMachine.Options options = new TestMachine.Options();
        options.device = builder -> builder.varBuffer(
                "late",
                machine -> {
                    boolean sent = peer.get() >= 0
                            && machine.migration
                                    .outgoing()
                                    .orElseThrow()
                                    .timeline()
                                    .at(Checkpoint.STREAM_SENT)
                                    .isPresent();
                    if (sent) { // the description is being made
                        Fds.close(peer.getAndSet(-1));
                    }
                    return 0;
                },
                machine -> new byte[0],
                (machine, bytes) -> {});
        source = machine(options);
        source.mode("cpr-transfer");
        source.capability(MigrationCapability.PAUSE_BEFORE_SWITCHOVER);
        source.start();
        peer.set(impostor(false));
        source.awaitStatus("pre-switchover");
        source.command("migrate-continue", new JsonObject().put("state", "pre-switchover"));
        source.awaitStatus("failed");
        assertThat(source.errorDesc()).contains("look whether the new process runs it");
        assertThat(source.runState()).isEqualTo(RunState.POSTMIGRATE);
        source.start(); // somebody has looked
        source.awaitProgress();
    }

    @Test
    void aDeviceThatChokesOnItsOwnStateLeavesTheGuestHere() throws Exception {
        TestMachine.Options options = new TestMachine.Options();
        options.saveChokes = true;
        TestMachine odd = machine(options);
        odd.mode("cpr-transfer");
        odd.start();
        odd.awaitProgress();
        FutureTask<CprListener> receiver = receiver();
        odd.command("migrate", migrateTo("main"));
        TestMachine target = receive(receiver, incoming());
        listen(target, unix(path("main")));
        odd.awaitStatus("failed");
        assertThat(odd.errorDesc()).contains("cannot be saved").contains("choked");
        target.awaitStatus("failed");
        odd.awaitProgress();
    }

    @Test
    void aVerdictOfTheReturnPathIsBelieved() throws Exception {
        source.capability(MigrationCapability.RETURN_PATH);
        int connection = impostor(false);
        byte[] buffer = new byte[65536];
        assertThat(SocketMessages.receive(connection, buffer, 0, buffer.length).count())
                .isPositive();
        assertThat(source.status()).isEqualTo("device");
        byte[] pongAndShut = {0, 2, 0, 4, 0, 0, 0, 1, 0, 1, 0, 4, 0, 0, 0, 1};
        assertThat(SocketMessages.send(connection, pongAndShut, 0, pongAndShut.length))
                .isEqualTo(16);
        source.awaitStatus("failed");
        assertThat(source.errorDesc()).isEqualTo("Sibling indicated error 1");
        Fds.close(connection);
        worksAfterwards();
    }

    @Test
    void aQemuThatHangsUpWithoutAWordHasNotTakenTheGuest() throws Exception {
        source.capability(MigrationCapability.RETURN_PATH);
        int connection = impostor(false);
        byte[] buffer = new byte[65536];
        assertThat(SocketMessages.receive(connection, buffer, 0, buffer.length).count())
                .isPositive();
        source.awaitStatus("device");
        Fds.close(connection);
        source.awaitStatus("failed");
        assertThat(source.errorDesc()).isNotEmpty();
        worksAfterwards();
    }

    @Test
    void nonsenseOnTheReturnPathIsNotSuccess() throws Exception {
        source.capability(MigrationCapability.RETURN_PATH);
        int connection = impostor(false);
        byte[] nonsense = {0, 99, 0, 0};
        assertThat(SocketMessages.send(connection, nonsense, 0, 4)).isEqualTo(4);
        source.awaitStatus("failed");
        assertThat(source.errorDesc()).isEqualTo("Received invalid message 0x0063 length 0x0000");
        Fds.close(connection);
        worksAfterwards();
    }

    private void failsToLoad(TestMachine.Options options, String message) throws Exception {
        TestMachine target = transfer(source, options);
        source.awaitStatus("failed");
        target.awaitStatus("failed");
        assertThat(target.fatal).singleElement().asString().isEqualTo("load of migration failed: " + message);
        assertThat(target.runState()).isEqualTo(RunState.INMIGRATE);
        target.start(); // only sets autostart: a machine that failed to load never runs
        assertThat(target.runState()).isEqualTo(RunState.INMIGRATE);
        worksAfterwards();
    }

    @Test
    void anotherMachine() throws Exception {
        TestMachine.Options options = incoming();
        options.type = "other";
        failsToLoad(options, "Invalid argument: Machine type received is 'virt' and local is 'other'");
    }

    @Test
    void anotherRamSize() throws Exception {
        TestMachine.Options options = incoming();
        options.size = 8192;
        failsToLoad(
                options,
                "Invalid argument: error while loading state for instance 0x0 of device 'ram': Size mismatch: mach.ram:"
                        + " 0x1000 != 0x2000: Invalid argument");
    }

    @Test
    void ramOfAnotherName() throws Exception {
        TestMachine.Options options = incoming();
        options.ramName = "ram0";
        failsToLoad(
                options,
                "Invalid argument: error while loading state for instance 0x0 of device 'ram': Unknown ramblock"
                        + " \"mach.ram\", cannot accept migration");
    }

    @Test
    void aDeviceThatRefusesItsState() throws Exception {
        TestMachine.Options options = incoming();
        options.loadFails = new StateException("out of range");
        failsToLoad(
                options,
                "Invalid argument: error while loading state for instance 0x0 of device 'counter': post load hook"
                        + " failed for: counter, version_id: 1, minimum_version: 1: out of range");
    }

    @Test
    void aDeviceThatCannotBeSaved() throws Exception {
        source.close();
        machines.remove(source);
        TestMachine.Options options = new TestMachine.Options();
        options.saveFails = new StateException("busy");
        source = machine(options);
        source.mode("cpr-transfer");
        source.start();
        TestMachine target = transfer(source, incoming());
        source.awaitStatus("failed");
        assertThat(source.errorDesc()).isEqualTo("pre-save for counter failed: busy");
        target.awaitStatus("failed");
        source.awaitProgress();
    }

    @Test
    void rubbishOnTheMainChannelEndsTheNewProcess() throws Exception {
        for (byte[] rubbish : List.of(
                new byte[] {'G', 'E', 'T', ' ', '/'},
                new byte[] {'Q'},
                new byte[0],
                new byte[] {'Q', 'E', 'V', 'M', 0, 0, 0, 2},
                new byte[] {'Q', 'E', 'V', 'M', 0, 0, 0, 3, 0x55},
                new byte[] {'Q', 'E', 'V', 'M', 0, 0, 0, 3, 7, -1, -1, -1, -1, 5, 5})) {
            TestMachine target = machine(incoming());
            listen(target, unix(path("main")));
            int fd = Sockets.connectUnix(path("main"));
            if (rubbish.length > 0) {
                assertThat(SocketMessages.send(fd, rubbish, 0, rubbish.length)).isEqualTo(rubbish.length);
            }
            Fds.close(fd);
            target.awaitStatus("failed");
            assertThat(target.fatal).singleElement().asString().startsWith("load of migration failed: ");
            assertThat(target.runState()).isEqualTo(RunState.INMIGRATE);
        }
    }

    @Test
    void everyPrefixOfAStreamIsRefused() throws Exception {
        source.on(() -> {
            source.stop(RunState.PAUSED);
            return 0;
        });
        byte[] stream = source.on(() -> {
            StreamContent content =
                    StreamContent.of(source, source.config.capabilities(), source.config.stream(), new byte[0]);
            content.globalState().capture(RunState.PAUSED);
            return StreamWriter.write(content, false);
        });
        for (int length = 4; length < stream.length; length += 7) {
            TestMachine target = machine(incoming());
            listen(target, unix(path("main")));
            int fd = Sockets.connectUnix(path("main"));
            assertThat(SocketMessages.send(fd, stream, 0, length)).isEqualTo(length);
            Fds.close(fd);
            target.awaitStatus("failed");
            assertThat(target.fatal).singleElement().asString().startsWith("load of migration failed: ");
            machines.remove(target);
            target.close();
        }
    }

    @Test
    void withoutExitOnErrorTheNewProcessStays() throws Exception {
        TestMachine target = machine(incoming());
        target.command(
                "migrate-incoming",
                new JsonObject().put("uri", "unix:" + path("main")).put("exit-on-error", false));
        Fds.close(Sockets.connectUnix(path("main")));
        target.awaitStatus("failed");
        assertThat(target.fatal).isEmpty();
        assertThat(target.errorDesc()).contains("Failed to peek at channel");
    }

    @Test
    void cancelWhileTheNewProcessGetsReady() throws Exception {
        FutureTask<CprListener> receiver = receiver();
        source.command("migrate", migrateTo("main"));
        CprListener listener = receiver.get(20, TimeUnit.SECONDS);
        assertThat(source.refusal("migrate", migrateTo("main"))).isEqualTo("There's a migration process in progress");
        source.command("migrate_cancel", new JsonObject());
        assertThat(source.status()).isEqualTo("cancelled");
        listener.state().closeRest();
        listener.hangUp();
        worksAfterwards();
    }

    @Test
    void cancelWhileParkedBeforeTheSwitch() throws Exception {
        source.capability(MigrationCapability.PAUSE_BEFORE_SWITCHOVER);
        TestMachine target = transfer(source, incoming());
        source.awaitStatus("pre-switchover");
        assertThat(source.refusal("migrate-continue", new JsonObject().put("state", "device")))
                .isEqualTo("Migration not in expected state: pre-switchover");
        assertThat(refusalToTouch()).containsOnly("Migration is not finalized yet");
        source.command("migrate_cancel", new JsonObject());
        assertThat(source.status()).isEqualTo("cancelled");
        source.awaitProgress();
        target.awaitStatus("failed");
    }

    @Test
    void continueAfterParking() throws Exception {
        source.capability(MigrationCapability.PAUSE_BEFORE_SWITCHOVER);
        TestMachine target = transfer(source, incoming());
        source.awaitStatus("pre-switchover");
        source.command("migrate-continue", new JsonObject().put("state", "pre-switchover"));
        source.awaitStatus("completed");
        target.awaitProgress();
    }

    @Test
    void cancelWhileTheNewProcessLoads() throws Exception {
        int connection = impostor(true);
        byte[] buffer = new byte[65536];
        assertThat(SocketMessages.receive(connection, buffer, 0, buffer.length).count())
                .isPositive();
        source.awaitStatus("device");
        source.command("migrate_cancel", new JsonObject());
        assertThat(source.status()).isEqualTo("cancelled");
        Fds.close(connection);
        worksAfterwards();
    }

    @Test
    void cancelWhenTheNewProcessHasTakenTheGuestIsTooLate() throws Exception {
        int connection = impostor(true);
        byte[] buffer = new byte[65536];
        assertThat(SocketMessages.receive(connection, buffer, 0, buffer.length).count())
                .isPositive();
        source.awaitStatus("device");
        assertThat(joined.getFirst().take()).isTrue();
        long count = source.ramCounter();
        source.command("migrate_cancel", new JsonObject());
        assertThat(source.status()).isEqualTo("device");
        assertThat(refusalToTouch()).containsOnly("Migration is not finalized yet");
        Fds.close(connection); // it dies, and the guest with it: this one must not go on from where it was stopped
        source.awaitStatus("completed");
        assertThat(refusalToTouch()).allMatch(text -> text.startsWith("The guest has moved to another process"));
        assertThat(source.runState()).isEqualTo(RunState.POSTMIGRATE);
        assertThat(source.ramCounter()).isEqualTo(count);
    }

    @Test
    void cancelBehindAStreamThatAQemuMayHaveTakenIsTooLate() throws Exception {
        source.capability(MigrationCapability.RETURN_PATH);
        int connection = impostor(false);
        byte[] buffer = new byte[65536];
        assertThat(SocketMessages.receive(connection, buffer, 0, buffer.length).count())
                .isPositive();
        source.awaitStatus("device");
        source.command("migrate_cancel", new JsonObject());
        assertThat(source.status()).isEqualTo("device");
        byte[] shut = {0, 1, 0, 4, 0, 0, 0, 0};
        assertThat(SocketMessages.send(connection, shut, 0, shut.length)).isEqualTo(8);
        source.awaitStatus("completed");
        assertThat(source.runState()).isEqualTo(RunState.POSTMIGRATE);
        Fds.close(connection);
    }

    /** What cont and system_reset say. */
    private List<String> refusalToTouch() throws Exception {
        return source.on(() -> {
            List<String> said = new ArrayList<>();
            try {
                source.resume();
                said.add("no error");
            } catch (CannotResume e) {
                said.add(e.getMessage());
            }
            try {
                source.reset("host-qmp-system-reset", false);
                said.add("no error");
            } catch (CannotResume e) {
                said.add(e.getMessage());
            }
            return said;
        });
    }

    @Test
    void cancelAfterTheEndDoesNothing() throws Exception {
        source.command("migrate_cancel", new JsonObject());
        TestMachine target = transfer(source, incoming());
        source.awaitStatus("completed");
        source.command("migrate_cancel", new JsonObject());
        assertThat(source.status()).isEqualTo("completed");
        target.awaitProgress();
    }

    @Test
    void badRequestsChangeNothing() throws Exception {
        assertThat(source.refusal("migrate", new JsonObject())).isEqualTo("need either 'uri' or 'channels' argument");
        assertThat(source.refusal("migrate", new JsonObject().put("uri", "unix:/x")))
                .isEqualTo("missing 'cpr' migration channel");
        assertThat(source.refusal(
                        "migrate", new JsonObject().put("channels", new JsonArray().add(channel("main", unix("/x"))))))
                .isEqualTo("missing 'cpr' migration channel");
        assertThat(source.refusal(
                        "migrate", new JsonObject().put("channels", new JsonArray().add(channel("cpr", unix("/x"))))))
                .isEqualTo("Channel list has no main entry");
        assertThat(source.refusal("migrate", channels(new MigrationAddress.File("f", 0), path("cpr"))))
                .isEqualTo("Migration requires streamable transport (eg unix)");
        assertThat(source.refusal(
                        "migrate",
                        new JsonObject()
                                .put(
                                        "channels",
                                        new JsonArray()
                                                .add(channel("main", unix("/x")))
                                                .add(channel("main", unix("/y"))))))
                .isEqualTo("Channel list has more than one main entry");
        assertThat(source.refusal("migrate", migrateTo("main").put("detach", true)))
                .isEqualTo("Parameter 'detach' is unexpected");
        assertThat(source.refusal("migrate", new JsonObject().put("uri", "nosuch:x")))
                .isEqualTo("unknown migration protocol: nosuch:x");
        JsonObject postcopy = new JsonObject().put("capability", "postcopy-ram").put("state", true);
        assertThat(source.refusal(
                        "migrate-set-capabilities",
                        new JsonObject().put("capabilities", new JsonArray().add(postcopy))))
                .isEqualTo("Cannot use postcopy with CPR");
        assertThat(source.refusal("migrate-incoming", new JsonObject().put("uri", "unix:/x")))
                .isEqualTo("'-incoming' was not specified on the command line");
        assertThat(source.status()).isEmpty();
        assertThat(source.events).containsExactly("RESUME");
    }

    @Test
    void theNewProcessSaysWhyItCannotListen() throws Exception {
        FutureTask<CprListener> receiver = receiver();
        source.command("migrate", migrateTo("main"));
        TestMachine target = receive(receiver, incoming());
        assertThat(target.refusal("migrate-incoming", new JsonObject().put("uri", "unix:/nosuch/main")))
                .isEqualTo("Failed to bind socket to /nosuch/main: No such file or directory");
        assertThat(target.refusal("migrate-incoming", new JsonObject().put("uri", "unix:/nosuch/main")))
                .isEqualTo("Illegal migration incoming state: setup");
        source.awaitStatus("failed");
        worksAfterwards();
    }

    @Test
    void aCprChannelThatIsNotUnixIsRefused() throws Exception {
        JsonObject arguments = new JsonObject()
                .put(
                        "channels",
                        new JsonArray()
                                .add(channel("main", unix("/x")))
                                .add(channel("cpr", new MigrationAddress.Socket(new SocketAddress.Inet("h", "1")))));
        assertThat(source.refusal("migrate", arguments)).isEqualTo("bad cpr channel address; must be unix");
        assertThat(source.status()).isEqualTo("failed");
        worksAfterwards();
    }

    @Test
    void channelsOfTheCommandLineCountOnceForEachType() {
        MigrationChannel first = MigrationChannel.main(unix("/a"));
        MigrationChannel second = MigrationChannel.main(unix("/b"));
        MigrationChannel cpr = MigrationChannel.cpr(unix("/c"));
        assertThat(MigrationQmp.lastOfEachType(List.of(first, cpr, second))).containsExactly(second, cpr);
    }
}
