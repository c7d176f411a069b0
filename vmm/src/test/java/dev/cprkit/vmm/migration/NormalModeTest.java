package dev.cprkit.vmm.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.proto.qapi.SocketAddress;
import dev.cprkit.vmm.run.Yank;
import dev.cprkit.vmm.state.StateException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Migrations that copy RAM, between two machines in one process, while their guest counts in it. */
@Timeout(60)
class NormalModeTest {
    @TempDir
    Path folder;

    private final List<TestMachine> machines = new ArrayList<>();
    private TestMachine source;

    @BeforeEach
    void boot() throws Exception {
        source = machine(new TestMachine.Options());
        source.counter = 41;
        source.start();
        source.awaitProgress();
    }

    @AfterEach
    void end() {
        for (TestMachine machine : machines) {
            machine.close();
        }
        assertThat(machines).noneMatch(TestMachine::sawIntruder);
        assertThat(machines).noneMatch(machine -> machine.dirtyLog().isOn());
    }

    private TestMachine machine(TestMachine.Options options) throws Exception {
        options.ballast = 16; // so that RAM cannot be sent within one window of a narrow bandwidth
        TestMachine machine = new TestMachine(options, Optional.empty());
        machines.add(machine);
        return machine;
    }

    private TestMachine target(TestMachine.Options options) throws Exception {
        options.incoming = true;
        TestMachine target = machine(options);
        target.on(() -> {
            target.migration.startIncoming(
                    new MigrationAddress.Socket(
                            new SocketAddress.Unix(folder.resolve("main").toString())),
                    true);
            return 0;
        });
        return target;
    }

    private void migrate() throws Exception {
        source.command("migrate", new JsonObject().put("uri", "unix:" + folder.resolve("main")));
    }

    private void limits(long bandwidth, long downtime) throws Exception {
        source.command(
                "migrate-set-parameters",
                new JsonObject().put("max-bandwidth", bandwidth).put("downtime-limit", downtime));
    }

    private void arrived(TestMachine target) throws Exception {
        source.awaitStatus("completed");
        target.awaitStatus("completed");
        assertThat(source.runState()).isEqualTo(RunState.POSTMIGRATE);
        assertThat(target.runState()).isEqualTo(RunState.RUNNING);
        assertThat(target.counter).isEqualTo(41);
        assertThat(target.ramCounter()).isGreaterThanOrEqualTo(source.ramCounter());
        target.awaitProgress();
    }

    private void stayed() {
        assertThat(source.runState()).isEqualTo(RunState.RUNNING);
        source.awaitProgress();
        assertThat(source.dirtyLog().isOn()).isFalse();
    }

    @Test
    void aRunningGuestGoesOnWithItsMemory() throws Exception {
        TestMachine target = target(new TestMachine.Options());
        migrate();
        arrived(target);
        assertThat(source.events).startsWith("RESUME", "MIGRATION setup", "MIGRATION active", "MIGRATION_PASS 2");
        assertThat(source.events.subList(source.events.size() - 4, source.events.size()))
                .containsExactly("MIGRATION_PASS 2", "STOP", "MIGRATION device", "MIGRATION completed");
        assertThat(target.events)
                .containsExactly("MIGRATION setup", "MIGRATION active", "RESUME", "MIGRATION completed");
    }

    @Test
    void aStoppedGuestIsNotStoppedAgain() throws Exception {
        source.on(() -> {
            source.stop(RunState.PAUSED);
            return 0;
        });
        TestMachine target = target(new TestMachine.Options());
        limits(1, 0);
        migrate();
        source.awaitStatus("completed");
        target.awaitStatus("completed");
        assertThat(target.runState()).isEqualTo(RunState.PAUSED);
        assertThat(source.events).containsOnlyOnce("STOP");
        assertThat(target.ramCounter()).isEqualTo(source.ramCounter());
    }

    @Test
    void rebootStopsTheGuestFirst() throws Exception {
        source.mode("cpr-reboot");
        limits(1, 0);
        TestMachine target = target(new TestMachine.Options());
        migrate();
        arrived(target);
        assertThat(source.events)
                .containsExactly(
                        "RESUME",
                        "MIGRATION setup",
                        "STOP",
                        "MIGRATION active",
                        "MIGRATION_PASS 2",
                        "MIGRATION device",
                        "MIGRATION completed");
    }

    @Test
    void parametersCountWhileItRuns() throws Exception {
        limits(1, 0);
        TestMachine target = target(new TestMachine.Options());
        migrate();
        source.awaitStatus("active");
        source.awaitProgress();
        assertThat(source.status()).isEqualTo("active");
        limits(0, 2_000_000);
        arrived(target);
    }

    @Test
    void aCancelLeavesTheGuestAndAnotherAttemptArrives() throws Exception {
        limits(1, 0);
        TestMachine first = target(new TestMachine.Options());
        migrate();
        source.awaitStatus("active");
        source.command("migrate_cancel", new JsonObject());
        assertThat(source.status()).isEqualTo("cancelled");
        stayed();
        assertThat(source.events).doesNotContain("STOP");
        first.awaitStatus("failed");
        TestMachine.await("the reason", () -> !first.fatal.isEmpty());
        assertThat(first.fatal.getFirst()).startsWith("load of migration failed: ");
        limits(0, 300);
        TestMachine second = target(new TestMachine.Options());
        migrate();
        arrived(second);
    }

    @Test
    void aTargetThatRefusesADeviceLeavesTheGuestHere() throws Exception {
        source.capability(MigrationCapability.RETURN_PATH);
        TestMachine.Options options = new TestMachine.Options();
        options.loadFails = new StateException("no");
        TestMachine target = target(options);
        migrate();
        source.awaitStatus("failed");
        assertThat(source.errorDesc()).isEqualTo("Sibling indicated error 1");
        target.awaitStatus("failed");
        stayed();
    }

    private static HostingProcess yankedBy(Yank yank) {
        return new HostingProcess() {
            @Override
            public Yank yank() {
                return yank;
            }
        };
    }

    @Test
    void aMigrationThatHangsIsYankedAndOneThatNeverBeganIsNotThere() throws Exception {
        Yank yank = new Yank();
        TestMachine.Options options = new TestMachine.Options();
        options.process = yankedBy(yank);
        TestMachine first = source;
        source = machine(options);
        source.start();
        source.awaitProgress();
        limits(1, 0); // it never ends
        int silent = Sockets.listenUnix(folder.resolve("main").toString(), 1);
        migrate();
        source.awaitStatus("active");
        assertThat(yank.targets()).containsExactly(Yank.Target.MIGRATION);
        assertThat(yank.pull(List.of(Yank.Target.MIGRATION))).isTrue();
        source.awaitStatus("failed");
        stayed();
        assertThat(yank.targets()).isEmpty();
        Fds.close(silent);
        source = first;

        options.incoming = true;
        TestMachine target = machine(options);
        assertThat(target.refusal("migrate-incoming", new JsonObject().put("uri", "unix:/no/such/folder/main")))
                .startsWith("Failed to bind socket");
        assertThat(yank.targets()).isEmpty();
    }

    @Test
    void aDeviceThatCannotBeSavedLeavesTheGuestHere() throws Exception {
        TestMachine.Options options = new TestMachine.Options();
        options.saveFails = new StateException("no");
        TestMachine odd = machine(options);
        odd.start();
        odd.awaitProgress();
        TestMachine good = source;
        source = odd;
        TestMachine target = target(new TestMachine.Options());
        migrate();
        odd.awaitStatus("failed");
        assertThat(odd.errorDesc()).contains("no");
        stayed();
        target.awaitStatus("failed");
        source = good;
    }

    @Test
    void aChannelThatCannotPlacePagesIsRefusedForAMappedFile() throws Exception {
        source.capability(MigrationCapability.MAPPED_RAM);
        assertThat(source.refusal("migrate", new JsonObject().put("uri", "unix:" + folder.resolve("main"))))
                .isEqualTo("Migration requires seekable transport (e.g. file)");
        stayed();
    }

    @Test
    void aNewProcessWithOtherMemorySaysSo() throws Exception {
        TestMachine.Options options = new TestMachine.Options();
        options.ramName = "other.ram";
        source.capability(MigrationCapability.RETURN_PATH);
        TestMachine target = target(options);
        migrate();
        source.awaitStatus("failed");
        stayed();
        target.awaitStatus("failed");
        source.awaitStatus("failed");
        TestMachine.await("the reason", () -> !target.fatal.isEmpty());
        assertThat(target.fatal.getFirst())
                .isEqualTo("load of migration failed: Invalid argument: error while loading state for instance 0x0 of"
                        + " device 'ram': Unknown ramblock \"mach.ram\", cannot accept migration");
    }
}
