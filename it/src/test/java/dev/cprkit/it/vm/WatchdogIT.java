package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A watchdog that counts while its guest moves. */
@Timeout(120)
class WatchdogIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @TempDir
    private Path folder;

    @Test
    void itGoesOnCountingInTheNewProcessAndBitesThereOnce() throws Exception {
        BareGuest guest = new BareGuest(folder.resolve("console"));
        TypedConsole console = new TypedConsole(folder, guest.console());
        try (VmProcess old = VmProcess.start(folder, "old", options(console, "old"))) {
            old.qmp();
            guest.awaitCount(2);
            try (VmProcess next = Updates.startNext(folder, "next", Updates.Main.UNIX, options(console, "next"));
                    SocketChannel keys = console.open("old")) {
                TypedConsole.type(keys, "w");
                Await.until(LIMIT, () -> "the key's echo", () -> guest.text().contains("[w]"));
                old.execute("stop"); // its time stands still until it has moved, however slow this machine is
                Updates.migrate(old, folder, Updates.Main.UNIX);
                next.awaitStatus("paused");
                old.awaitStatus("postmigrate");
                next.execute("cont");
                Await.until(
                        LIMIT,
                        () -> "a reset in " + next.events(),
                        () -> next.events().contains("RESET"));
                Await.until(LIMIT, () -> "a second boot", () -> guest.boots() == 2);
                assertThat(next.events()).containsSubsequence("RESUME", "WATCHDOG", "RESET");
                assertThat(Collections.frequency(next.events(), "WATCHDOG")).isEqualTo(1);
                assertThat(old.events()).doesNotContain("WATCHDOG");
            }
        }
    }

    private static List<String> options(TypedConsole console, String process) {
        List<String> options = new ArrayList<>(BareGuest.machine());
        options.addAll(console.options(process));
        options.addAll(List.of("-kernel", BareGuest.image().toString(), "-device", "cmsdk-apb-watchdog"));
        return options;
    }
}
