package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mode cpr-transfer between two vmm processes, driven by QMP alone. */
class LiveUpdateIT {
    @TempDir
    private Path folder;

    @Test
    void aRunningGuestGoesOnInTheNextProcess() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess old = Updates.boot(folder, guest)) {
            long before = guest.awaitCount(3);
            String ramBefore = Updates.ramInode(old);
            try (VmProcess next = Updates.startNext(folder, guest, "new", Updates.Main.UNIX)) {
                Updates.migrate(old, folder, Updates.Main.UNIX);
                old.awaitMigration("completed");
                old.awaitStatus("postmigrate");
                next.awaitStatus("running");
                guest.awaitCount(before + 5);
                assertThat(Updates.ramInode(next)).as("the RAM's memfd").isEqualTo(ramBefore);
                old.execute("quit");
                assertThat(old.awaitExit()).isZero();
                guest.awaitCount(guest.count() + 3);
                assertThat(guest.boots()).isEqualTo(1);
                assertThat(guest.unbroken()).as(guest.text()).isTrue();
            }
        }
    }

    @Test
    void aStoppedGuestStaysStoppedUntilItIsContinued() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess old = Updates.boot(folder, guest)) {
            guest.awaitCount(2);
            old.execute("stop");
            long stoppedAt = guest.count();
            try (VmProcess next = Updates.startNext(folder, guest, "new", Updates.Main.UNIX)) {
                Updates.migrate(old, folder, Updates.Main.UNIX);
                next.awaitStatus("paused");
                old.awaitStatus("postmigrate");
                assertThat(next.events()).doesNotContain("RESUME");
                old.execute("quit");
                assertThat(old.awaitExit()).isZero();
                assertThat(guest.count()).isEqualTo(stoppedAt);
                next.execute("cont");
                guest.awaitCount(stoppedAt + 3);
                assertThat(next.events()).contains("RESUME");
                assertThat(guest.unbroken()).as(guest.text()).isTrue();
            }
        }
    }

    @Test
    void theEventsOfBothSidesComeInQemusOrder() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess old = Updates.boot(folder, guest)) {
            guest.awaitCount(1);
            old.execute("migrate-set-capabilities", "{'capabilities':[{'capability':'events','state':true}]}");
            try (VmProcess next =
                    Updates.startNext(folder, guest, "new", Updates.Main.UNIX, "-global", "migration.x-events=on")) {
                Updates.migrate(old, folder, Updates.Main.UNIX);
                next.awaitStatus("running");
                old.awaitStatus("postmigrate");
                assertThat(old.events())
                        .containsExactly(
                                "MIGRATION setup",
                                "STOP",
                                "MIGRATION active",
                                "MIGRATION_PASS",
                                "MIGRATION device",
                                "MIGRATION completed");
            }
        }
    }

    @Test
    void aDeferredMainChannelIsNamedLater() throws Exception {
        update(Updates.Main.DEFER);
    }

    @Test
    void theMainChannelMayBeTcp() throws Exception {
        update(Updates.Main.TCP);
    }

    private void update(Updates.Main main) throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess old = Updates.boot(folder, guest)) {
            long before = guest.awaitCount(2);
            try (VmProcess next = Updates.startNext(folder, guest, "new", main)) {
                Updates.migrate(old, folder, main);
                if (main == Updates.Main.DEFER) {
                    next.execute("migrate-incoming", "{'uri':'unix:" + Updates.mainPath(folder) + "'}");
                }
                next.awaitStatus("running");
                old.awaitStatus("postmigrate");
                guest.awaitCount(before + 4);
                assertThat(guest.boots()).isEqualTo(1);
                assertThat(guest.unbroken()).as(guest.text()).isTrue();
            }
        }
    }

    @Test
    void tenUpdatesInARow() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        List<Long> pids = new ArrayList<>();
        VmProcess current = Updates.boot(folder, guest);
        try {
            guest.awaitCount(1);
            String ram = Updates.ramInode(current);
            pids.add(current.pid());
            for (int i = 1; i <= 10; i++) {
                long before = guest.awaitCount(guest.count() + 1);
                VmProcess next = Updates.startNext(folder, guest, "new" + i, Updates.Main.UNIX);
                try (VmProcess old = current) {
                    current = next;
                    Updates.migrate(old, folder, Updates.Main.UNIX);
                    next.awaitStatus("running");
                    old.awaitStatus("postmigrate");
                    old.execute("quit");
                    assertThat(old.awaitExit()).isZero();
                }
                guest.awaitCount(before + 2);
                pids.add(next.pid());
            }
            assertThat(Updates.ramInode(current)).isEqualTo(ram);
        } finally {
            current.close();
        }
        assertThat(pids).doesNotHaveDuplicates().hasSize(11);
        assertThat(guest.boots()).isEqualTo(1);
        assertThat(guest.unbroken()).as(guest.text()).isTrue();
    }

    @Test
    void bothEndsOfThePauseAreReported() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess old = Updates.boot(folder, guest)) {
            guest.awaitCount(2);
            try (VmProcess next = Updates.startNext(folder, guest, "new", Updates.Main.UNIX)) {
                Updates.migrate(old, folder, Updates.Main.UNIX);
                next.awaitStatus("running");
                JsonNode timeline = next.execute("x-query-cpr-timeline");
                assertThat(timeline.get("pause-ns").asLong()).isBetween(1L, 5_000_000_000L);
                assertThat(timeline.get("checkpoints").size()).isGreaterThan(3);
            }
        }
    }

    @Test
    void theOldProcessMayNotRunTheGuestAgain() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess old = Updates.boot(folder, guest)) {
            long before = guest.awaitCount(2);
            try (VmProcess next = Updates.startNext(folder, guest, "new", Updates.Main.UNIX)) {
                Updates.migrate(old, folder, Updates.Main.UNIX);
                next.awaitStatus("running");
                old.awaitStatus("postmigrate");
                assertThat(old.refused("cont", "{}")).contains("another process");
                assertThat(old.refused("system_reset", "{}")).contains("another process");
                assertThat(old.status()).isEqualTo("postmigrate");
                guest.awaitCount(before + 3);
                assertThat(guest.unbroken()).as(guest.text()).isTrue();
            }
        }
    }

    @Test
    void nothingIsLeftBehind() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        try (VmProcess old = Updates.boot(folder, guest)) {
            guest.awaitCount(1);
            try (VmProcess next = Updates.startNext(folder, guest, "new", Updates.Main.UNIX)) {
                Updates.migrate(old, folder, Updates.Main.UNIX);
                next.awaitStatus("running");
                old.execute("quit");
                assertThat(old.awaitExit()).isZero();
                next.execute("quit");
                assertThat(next.awaitExit()).isZero();
            }
        }
        try (var left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("console", "old.out", "new.out");
        }
    }
}
