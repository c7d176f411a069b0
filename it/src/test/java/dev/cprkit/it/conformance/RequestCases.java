package dev.cprkit.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.it.stream.RecordingTarget;
import dev.cprkit.it.vm.VmProcess;
import org.junit.jupiter.api.Test;

/** What {@code migrate} refuses, and that the VM is none the worse for it. */
interface RequestCases extends Cases {
    String NO_CPR = "missing 'cpr' migration channel";

    @Test
    @Case(1)
    default void aSecondMigrateIsRefusedWhileOneRuns() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.closed(new RecordingTarget(trial.cprPath(), trial.mainPath()));
        trial.migrate(old);
        assertThat(old.refused("migrate", trial.channels())).isEqualTo("There's a migration process in progress");
        assertThat(old.migration()).isEqualTo("setup");
        trial.assertRuns(old);
    }

    @Test
    @Case(2)
    default void aTransferNeedsACprChannel() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.setMode(old, "cpr-transfer");
        String main = "{'channel-type':'main','addr':" + Trial.unix(trial.mainPath()) + "}";
        assertThat(old.refused("migrate", "{'channels':[" + main + "]}")).isEqualTo(NO_CPR);
        assertThat(old.migration()).isEqualTo("none");
        trial.assertRuns(old);
        String uri = "{'uri':'unix:" + trial.mainPath() + "'}";
        if (trial.subject().isOld() || Difference.TRANSFER_BY_URI.isMeant(trial.subject())) {
            assertThat(old.refused("migrate", uri)).isEqualTo(NO_CPR);
            trial.assertRuns(old);
        } else {
            trial.assertCrashes(old, "migrate", uri);
        }
    }

    @Test
    @Case(3)
    default void aChannelMayBeNamedOnlyOnce() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.setMode(old, "cpr-transfer");
        String main = "{'channel-type':'main','addr':" + Trial.unix(trial.mainPath()) + "}";
        String cpr = "{'channel-type':'cpr','addr':" + Trial.unix(trial.cprPath()) + "}";
        assertThat(old.refused("migrate", "{'channels':[" + main + "," + cpr + "," + main + "]}"))
                .isEqualTo("Channel list has more than one main entry");
        assertThat(old.refused("migrate", "{'channels':[" + main + "," + cpr + "," + cpr + "]}"))
                .isEqualTo("Channel list has more than one cpr entry");
        assertThat(old.refused("migrate", "{'channels':[]}")).isEqualTo("need either 'uri' or 'channels' argument");
        trial.assertRuns(old);
        if (Difference.NO_MAIN_CHANNEL.isMeant(trial.subject())) {
            assertThat(old.refused("migrate", "{'channels':[" + cpr + "]}"))
                    .isEqualTo("Channel list has no main entry");
            trial.assertRuns(old);
        } else {
            trial.assertCrashes(old, "migrate", "{'channels':[" + cpr + "]}");
        }
    }

    @Test
    @Case(4)
    default void aFileCannotBeTheMainChannelOfATransfer() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.setMode(old, "cpr-transfer");
        String file = "{'transport':'file','filename':'" + trial.file("state") + "','offset':0}";
        assertThat(old.refused("migrate", Trial.channels(file, Trial.unix(trial.cprPath()))))
                .isEqualTo("Migration requires streamable transport (eg unix)");
        assertThat(old.migration()).isEqualTo("none");
        assertThat(trial.file("state")).doesNotExist();
        trial.assertRuns(old);
    }

    @Test
    @Case(15)
    default void privateMemoryIsRefused() throws Exception {
        Trial trial = trial();
        VmProcess old = privateMemory(trial);
        trial.setMode(old, "cpr-transfer");
        assertThat(old.refused("migrate", trial.channels())).isEqualTo(notCompatible());
        assertThat(old.migration()).isEqualTo("none");
        trial.assertRuns(old);
    }

    @Test
    @Case(15)
    default void privateMemoryIsNotLostInAnExec() throws Exception {
        Trial trial = trial();
        VmProcess old = privateMemory(trial);
        trial.assumeMode(old, "cpr-exec");
        old.execute("migrate-set-parameters", "{'cpr-exec-command':['/no/such','-incoming','defer']}");
        String uri = "{'uri':'file:" + trial.file("state") + "'}";
        if (Difference.PRIVATE_MEMORY_AND_EXEC.isMeant(trial.subject())) {
            assertThat(old.refused("migrate", uri)).isEqualTo(notCompatible());
            assertThat(old.migration()).isEqualTo("none");
        } else {
            old.execute("migrate", uri); // it would go on to execute the command
            old.awaitMigration("failed");
            old.awaitStatus("running");
        }
        trial.assertRuns(old);
    }

    @Test
    @Case(28)
    default void theReasonsAreThoseOfTheCurrentMode() throws Exception {
        Trial trial = trial();
        VmProcess old = privateMemory(trial);
        assertThat(old.execute("query-migrate").has("blocked-reasons")).isFalse();
        trial.setMode(old, "cpr-transfer");
        assertThat(old.execute("query-migrate").path("blocked-reasons").get(0).asText())
                .isEqualTo(notCompatible());
        trial.setMode(old, "cpr-reboot");
        assertThat(old.execute("query-migrate").has("blocked-reasons")).isFalse();
    }

    @Test
    @Case(30)
    default void theOldProcessRefusesToMigrateAgain() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source();
        trial.guest().awaitCount(1);
        VmProcess next = trial.target();
        trial.migrate(old);
        next.awaitStatus("running");
        old.awaitStatus("postmigrate");
        assertThat(old.refused("migrate", trial.channels()))
                .isEqualTo("Can't migrate the vm that was paused due to previous migration");
        trial.assertRuns(next);
        next.kill();
        if (Difference.OLD_PROCESS_CONTINUES.isMeant(trial.subject())) {
            return; // it is held where the new one still runs: see below
        }
        old.execute("cont");
        old.awaitStatus("running");
    }

    @Test
    @Case(30)
    default void theOldProcessDoesNotContinueBesideTheNewOne() throws Exception {
        Trial trial = trial();
        VmProcess old = trial.source("-S");
        VmProcess next = trial.target();
        trial.migrate(old);
        old.awaitStatus("postmigrate");
        next.awaitStatus("prelaunch");
        next.execute("cont");
        if (Difference.OLD_PROCESS_CONTINUES.isMeant(trial.subject())) {
            assertThat(old.refused("cont", "{}")).isNotEmpty();
            assertThat(old.status()).isEqualTo("postmigrate");
            trial.guest().awaitCount(2);
            trial.assertRuns(next);
        } else {
            old.execute("cont");
            assertThat(old.status()).isEqualTo("running");
        }
    }

    private static VmProcess privateMemory(Trial trial) throws Exception {
        return trial.start("old", trial.privateMachine());
    }

    private static String notCompatible() {
        return "Memory region riscv_virt_board.ram is not compatible with CPR. share=on is required for memory-backend"
                + " objects, and aux-ram-share=on is required.";
    }
}
