package dev.cprkit.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.it.stream.MainStream;
import dev.cprkit.it.stream.Recording;
import dev.cprkit.it.vm.VmProcess;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In which state the guest arrives, and what both sides tell on the way. */
interface RunStateCases extends Cases {
    @Test
    @Case(10)
    default void aPausedGuestStaysPausedUntilItIsContinued() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.guest().awaitCount(1);
        old.execute("stop");
        VmProcess next = trial.target();
        trial.migrate(old);
        next.awaitMigration("completed");
        assertThat(next.status()).isEqualTo("paused");
        assertThat(next.events()).doesNotContain("RESUME");
        next.execute("cont");
        assertThat(next.events()).contains("RESUME");
        trial.assertRuns(next);
    }

    @Test
    @Case(11)
    default void aSuspendedGuestStaysSuspended() throws Exception {
        Trial trial = trial();
        VmProcess next = trial.replay(withState(trial.record(), "suspended", true));
        next.awaitMigration("completed");
        assertThat(next.status()).isEqualTo("suspended");
        if (canWakeUp(next)) {
            next.execute("system_wakeup");
            next.awaitStatus("running");
            assertThat(next.events()).contains("WAKEUP");
            trial.assertRuns(next);
        } else {
            assertThat(next.refused("system_wakeup", "{}"))
                    .isEqualTo("wake-up from suspend is not supported by this guest");
        }
    }

    @Test
    @Case(11)
    default void aPausedGuestThatWasSuspendedIsSuspendedWhenItIsContinued() throws Exception {
        Trial trial = trial();
        VmProcess next = trial.replay(withState(trial.record(), "paused", true));
        next.awaitMigration("completed");
        assertThat(next.status()).isEqualTo("paused");
        next.execute("cont");
        assertThat(next.status()).isEqualTo("suspended");
    }

    @Test
    @Case(12)
    default void aNewProcessThatIsNotToStartWaitsForCont() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.guest().awaitCount(1);
        VmProcess next = trial.target("-S");
        trial.migrate(old);
        next.awaitMigration("completed");
        assertThat(next.status()).isEqualTo("paused");
        next.execute("cont");
        trial.assertRuns(next);
    }

    @Test
    @Case(13)
    default void stopAndContOnlySayWhetherToStart() throws Exception {
        Trial trial = trial();
        Recording recording = trial.record();
        VmProcess next = trial.replayState(recording);
        next.execute("stop");
        assertThat(next.status()).isEqualTo("inmigrate");
        next.execute("cont");
        next.execute("stop");
        assertThat(next.status()).isEqualTo("inmigrate");
        assertThat(next.events()).doesNotContain("STOP", "RESUME");
        trial.sendMain(recording);
        next.awaitMigration("completed");
        assertThat(next.status()).isEqualTo("paused");
        next.execute("cont");
        trial.assertRuns(next);
    }

    @Test
    @Case(14)
    default void theEventsOfBothSidesComeInOrder() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.guest().awaitCount(1);
        VmProcess next = trial.target("new", trial.machine(), "defer");
        trial.migrate(old);
        next.execute("migrate-incoming", "{'uri':'unix:" + trial.mainPath() + "'}");
        next.awaitStatus("running");
        next.awaitMigration("completed");
        old.awaitStatus("postmigrate");
        List<String> source = List.of(
                "MIGRATION setup",
                "STOP",
                "MIGRATION active",
                "MIGRATION_PASS",
                "MIGRATION device",
                "MIGRATION completed");
        if (trial.subject().isOld()) { // which tells of a pass at every look at the dirty pages
            assertThat(old.events())
                    .filteredOn(event -> !event.equals("MIGRATION_PASS"))
                    .isEqualTo(source.stream()
                            .filter(event -> !event.equals("MIGRATION_PASS"))
                            .toList());
        } else {
            assertThat(old.events()).isEqualTo(source);
        }
        assertThat(next.events())
                .containsExactly("MIGRATION setup", "MIGRATION active", "RESUME", "MIGRATION completed");
    }

    /** QEMU's riscv64 machine cannot, and says so. */
    private static boolean canWakeUp(VmProcess vm) throws Exception {
        return vm.execute("query-current-machine")
                .path("wakeup-suspend-support")
                .asBoolean();
    }

    /** A recording whose global state says that. */
    private static Recording withState(Recording recording, String state, boolean wasSuspended) {
        MainStream.Section section = MainStream.of(recording.main()).section("globalstate", 0);
        return recording.withMain(GlobalStateBytes.of(state, wasSuspended).in(recording.main(), section.payload()));
    }
}
