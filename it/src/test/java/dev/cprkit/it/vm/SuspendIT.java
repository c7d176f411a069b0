package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Guests that sleep: they move asleep, stay asleep until they are woken, and do not notice that they moved. */
@Timeout(300)
class SuspendIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private Path printed;
    private TypedConsole console;

    private List<String> bare(String process) {
        printed = folder.resolve("console");
        console = new TypedConsole(folder, printed);
        List<String> options = new ArrayList<>(BareGuest.machine());
        options.addAll(console.options(process));
        options.addAll(List.of("-kernel", BareGuest.image().toString()));
        return options;
    }

    private String text() throws Exception {
        return Files.exists(printed) ? Files.readString(printed, StandardCharsets.ISO_8859_1) : "";
    }

    private void await(String wanted) throws Exception {
        Await.until(
                LIMIT, () -> "'" + wanted + "' on the console; it ends with: " + tail(), () -> text().contains(wanted));
    }

    private String tail() {
        try {
            String text = text();
            return text.substring(Math.max(0, text.length() - 1000));
        } catch (Exception e) {
            return "no console: " + e.getMessage();
        }
    }

    /** Boots the bare-metal guest and lets it fall asleep. */
    private VmProcess asleep() throws Exception {
        VmProcess old = VmProcess.start(folder, "old", bare("old"));
        old.qmp();
        await("N 3 ");
        try (SocketChannel keys = console.open("old")) {
            TypedConsole.type(keys, "z");
            old.awaitStatus("suspended");
        }
        return old;
    }

    private void awaitAwake() throws Exception {
        BareGuest guest = new BareGuest(printed);
        await("SLEEP\nAWAKE hart 0\n");
        guest.awaitCount(guest.count() + 3);
        assertThat(guest.boots()).isEqualTo(1);
        assertThat(guest.unbroken()).isTrue();
    }

    @Test
    void aGuestThatSleepsMovesAsleepAndIsWokenInTheNewProcess() throws Exception {
        try (VmProcess old = asleep();
                VmProcess next = Updates.startNext(folder, "next", Updates.Main.UNIX, bare("next"))) {
            Updates.migrate(old, folder, Updates.Main.UNIX);
            next.awaitStatus("suspended");
            old.awaitStatus("postmigrate");
            next.awaitMigration("completed");
            assertThat(next.events()).containsSubsequence("RESUME").doesNotContain("WAKEUP");
            assertThat(old.refused("cont", "{}")).startsWith("The guest has moved to another process");
            assertThat(next.execute("query-current-machine")
                            .get("wakeup-suspend-support")
                            .asBoolean())
                    .isTrue();
            next.execute("cont");
            next.awaitStatus("suspended");
            next.execute("system_wakeup");
            next.awaitStatus("running");
            awaitAwake();
            Await.until(
                    LIMIT,
                    () -> "WAKEUP in " + next.events(),
                    () -> next.events().contains("WAKEUP"));
            assertThat(next.refused("system_wakeup", "{}"))
                    .isEqualTo("Unable to wake up: guest is not in suspended state");
        }
    }

    @Test
    void aGuestThatIsStoppedInItsSleepMovesSo() throws Exception {
        try (VmProcess old = asleep();
                VmProcess next = Updates.startNext(folder, "next", Updates.Main.UNIX, bare("next"))) {
            old.execute("stop");
            old.awaitStatus("paused");
            Updates.migrate(old, folder, Updates.Main.UNIX);
            next.awaitStatus("paused");
            next.awaitMigration("completed");
            next.execute("cont");
            next.awaitStatus("suspended");
            next.execute("system_wakeup");
            awaitAwake();
        }
    }

    @Test
    void anUpdateThatFailsLeavesItAsleepWhereItWas() throws Exception {
        try (VmProcess old = asleep()) {
            List<String> other = new ArrayList<>(bare("next"));
            other.set(other.indexOf("64M"), "96M");
            other.replaceAll(option -> option.replace("size=64M", "size=96M"));
            try (VmProcess next = Updates.startNext(folder, "next", Updates.Main.UNIX, other)) {
                Updates.migrate(old, folder, Updates.Main.UNIX);
                assertThat(next.awaitExit()).isEqualTo(1);
                old.awaitMigration("failed");
            }
            old.awaitStatus("suspended");
            old.execute("system_wakeup");
            awaitAwake();
        }
    }
}
