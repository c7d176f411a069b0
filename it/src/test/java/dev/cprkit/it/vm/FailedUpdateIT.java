package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever goes wrong before the switch: the guest runs on in the old process, which says why, and the next try works. */
class FailedUpdateIT {
    @TempDir
    private Path folder;

    private BareGuest guest;
    private VmProcess old;

    @BeforeEach
    void boot() throws Exception {
        guest = new BareGuest(folder.resolve("console"));
        old = Updates.boot(folder, guest);
        guest.awaitCount(1);
    }

    /** The promise of every test here. */
    @AfterEach
    void theGuestRunsOnAndTheNextTryWorks() throws Exception {
        try (VmProcess last = old) {
            assertThat(last.status()).isEqualTo("running");
            long before = guest.count();
            guest.awaitCount(before + 2);
            try (VmProcess next = Updates.startNext(folder, guest, "again", Updates.Main.UNIX)) {
                Updates.migrate(last, folder, Updates.Main.UNIX);
                next.awaitStatus("running");
                guest.awaitCount(guest.count() + 2);
            }
            assertThat(guest.boots()).isEqualTo(1);
            assertThat(guest.unbroken()).as(guest.text()).isTrue();
        }
    }

    @Test
    void thereIsNoNewProcess() throws Exception {
        old.execute("migrate-set-parameters", "{'mode':'cpr-transfer'}");
        assertThat(old.refused("migrate", Updates.channels(folder, Updates.Main.UNIX)))
                .isEqualTo("Failed to connect to '" + Updates.cprPath(folder) + "': No such file or directory");
        assertThat(old.migration()).isEqualTo("failed");
        assertThat(old.events()).doesNotContain("STOP");
    }

    @Test
    void theNewProcessDiesBeforeItListens() throws Exception {
        try (VmProcess next = Updates.startNext(folder, guest, "new", Updates.Main.DEFER)) {
            Updates.migrate(old, folder, Updates.Main.DEFER);
            assertThat(old.migration()).isEqualTo("setup");
            next.kill();
            old.awaitMigration("failed");
            assertThat(reason()).contains("Failed to connect to '" + Updates.mainPath(folder) + "'");
        }
        Files.deleteIfExists(folder.resolve("new.qmp"));
    }

    @Test
    void theNewProcessIsAnotherSize() throws Exception {
        try (VmProcess next = Updates.startNext(folder, "new", Updates.Main.UNIX, machine("128M"))) {
            Updates.migrate(old, folder, Updates.Main.UNIX);
            old.awaitMigration("failed");
            assertThat(next.awaitExit()).isEqualTo(1);
            assertThat(next.output()).contains("ram0").doesNotContain("\tat ");
        }
    }

    @Test
    void theNewProcessHasOtherMemory() throws Exception {
        List<String> options = new ArrayList<>(List.of(
                "-machine",
                "virt,aux-ram-share=on,memory-backend=other",
                "-object",
                "memory-backend-memfd,id=other,size=64M",
                "-m",
                "64M",
                "-nodefaults",
                "-display",
                "none"));
        options.addAll(guest.consoleOptions());
        try (VmProcess next = Updates.startNext(folder, "new", Updates.Main.UNIX, options)) {
            Updates.migrate(old, folder, Updates.Main.UNIX);
            old.awaitMigration("failed");
            assertThat(next.awaitExit()).isEqualTo(1);
            assertThat(next.output()).contains("other").doesNotContain("\tat ");
        }
    }

    @Test
    void theOtherSideTakesTheStateAndHangsUp() throws Exception {
        int listener = Sockets.listenUnix(Updates.cprPath(folder).toString(), 1);
        try {
            Updates.migrate(old, folder, Updates.Main.UNIX);
            int peer = Sockets.accept(listener);
            Fds.close(peer);
            old.awaitMigration("failed");
            assertThat(reason()).contains("Failed to connect");
        } finally {
            Fds.close(listener);
            Files.delete(Updates.cprPath(folder));
        }
    }

    @Test
    void theMainChannelIsClosedWhileTheGuestIsStopped() throws Exception {
        int listener = Sockets.listenUnix(Updates.cprPath(folder).toString(), 1);
        int main = Sockets.listenUnix(Updates.mainPath(folder).toString(), 1);
        try {
            old.execute("migrate-set-capabilities", "{'capabilities':[{'capability':'return-path','state':true}]}");
            Updates.migrate(old, folder, Updates.Main.UNIX);
            Fds.close(Sockets.accept(listener));
            int peer = Sockets.accept(main);
            byte[] bytes = new byte[16];
            assertThat(Fds.read(peer, bytes, 0, bytes.length)).isPositive();
            Fds.close(peer);
            old.awaitMigration("failed");
            old.awaitStatus("running");
            old.execute("migrate-set-capabilities", "{'capabilities':[{'capability':'return-path','state':false}]}");
        } finally {
            Fds.close(listener);
            Fds.close(main);
            Files.delete(Updates.cprPath(folder));
            Files.delete(Updates.mainPath(folder));
        }
    }

    @Test
    void itIsCancelledWhileTheNewProcessIsBeingBuilt() throws Exception {
        try (VmProcess next = Updates.startNext(folder, guest, "new", Updates.Main.DEFER)) {
            Updates.migrate(old, folder, Updates.Main.DEFER);
            old.execute("migrate_cancel");
            assertThat(old.migration()).isEqualTo("cancelled");
            next.kill();
        }
        Files.deleteIfExists(folder.resolve("new.qmp"));
    }

    @Test
    void aLiveMigrationThatHangsIsTornOff() throws Exception {
        int main = Sockets.listenUnix(Updates.mainPath(folder).toString(), 1);
        try {
            assertThat(old.execute("query-yank").findValuesAsText("type")).doesNotContain("migration");
            old.execute("migrate-set-parameters", "{'mode':'normal','max-bandwidth':0}");
            old.execute("migrate", "{'uri':'unix:" + Updates.mainPath(folder) + "'}");
            old.awaitMigration("active"); // nobody reads: it stays so
            assertThat(old.execute("query-yank").findValuesAsText("type")).contains("migration");
            old.execute("yank", "{'instances':[{'type':'migration'}]}");
            old.awaitMigration("failed");
            old.awaitStatus("running");
            assertThat(reason()).isEqualTo("Unable to write to socket: Broken pipe");
            assertThat(old.execute("query-yank").findValuesAsText("type")).doesNotContain("migration");
            assertThat(old.refused("yank", "{'instances':[{'type':'migration'}]}"))
                    .isEqualTo("Instance not found");
        } finally {
            Fds.close(main);
            Files.delete(Updates.mainPath(folder));
        }
    }

    @Test
    void anIncomingMigrationThatHangsIsTornOff() throws Exception {
        List<String> options = machine("64M");
        options.addAll(List.of("-incoming", "defer"));
        try (VmProcess next = VmProcess.start(folder, "new", options)) {
            next.execute("migrate-incoming", "{'uri':'unix:" + Updates.mainPath(folder) + "','exit-on-error':false}");
            int silent = Sockets.connectUnix(Updates.mainPath(folder).toString());
            try {
                byte[] magic = {'Q', 'E', 'V', 'M', 0, 0, 0, 3};
                assertThat(Fds.write(silent, magic, 0, magic.length)).isEqualTo(magic.length);
                next.awaitMigration("active");
                next.execute("yank", "{'instances':[{'type':'migration'}]}");
                next.awaitMigration("failed");
                next.awaitStatus("inmigrate");
            } finally {
                Fds.close(silent);
            }
        }
        Files.deleteIfExists(folder.resolve("new.qmp"));
    }

    @Test
    void privateMemoryIsRefusedBeforeAnythingHappens() throws Exception {
        try (VmProcess other = VmProcess.start(
                folder, "private", List.of("-machine", "virt", "-m", "64M", "-nodefaults", "-display", "none", "-S"))) {
            other.execute("migrate-set-parameters", "{'mode':'cpr-transfer'}");
            assertThat(other.refused("migrate", Updates.channels(folder, Updates.Main.UNIX)))
                    .contains("is not compatible with CPR. share=on is required for memory-backend objects, and "
                            + "aux-ram-share=on is required.");
            assertThat(other.migration()).isEqualTo("none");
            other.execute("quit");
            assertThat(other.awaitExit()).isZero();
        }
    }

    private List<String> machine(String ram) {
        List<String> options = new ArrayList<>(BareGuest.machine(ram));
        options.addAll(guest.consoleOptions());
        return options;
    }

    private String reason() throws Exception {
        return old.execute("query-migrate").get("error-desc").asText();
    }
}
