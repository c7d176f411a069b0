package dev.cprkit.it.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Debian's own kernel boots, and goes on under a new process. Skipped where bin/guest-linux cannot make it. */
@Timeout(300)
class LinuxGuestIT {
    private static final Duration BOOT = Duration.ofMinutes(3);

    @TempDir
    private Path folder;

    @Test
    void linuxBootsAndIsUpdatedThreeTimes() throws Exception {
        Path console = folder.resolve("console");
        List<String> options = new ArrayList<>(BareGuest.machine("512M"));
        options.addAll(new BareGuest(console).consoleOptions());
        options.addAll(LinuxImage.options(folder));
        VmProcess current = VmProcess.start(folder, "old", options);
        try {
            VmProcess booting = current;
            Await.until(BOOT, () -> tail(console), () -> last(console).count() >= 3 || !booting.isAlive());
            Line first = last(console);
            for (int i = 1; i <= 3; i++) {
                long before = last(console).count();
                VmProcess next = Updates.startNext(folder, "new" + i, Updates.Main.UNIX, options);
                try (VmProcess old = current) {
                    current = next;
                    Updates.migrate(old, folder, Updates.Main.UNIX);
                    next.awaitStatus("running");
                    old.awaitStatus("postmigrate");
                    old.execute("quit");
                    assertThat(old.awaitExit()).isZero();
                }
                Await.until(BOOT, () -> tail(console), () -> last(console).count() >= before + 5);
            }
            Line line = last(console);
            assertThat(line.boot()).as("boot id").isEqualTo(first.boot());
            assertThat(line.uptime()).isGreaterThan(first.uptime());
            assertThat(Files.readString(console, StandardCharsets.ISO_8859_1))
                    .doesNotContain("memory BAD")
                    .doesNotContain("BUG:")
                    .doesNotContain("Oops")
                    .doesNotContain("rcu_sched self-detected");
        } finally {
            current.close();
        }
    }

    private record Line(long count, double uptime, String boot) {}

    /** The last whole line of {@code count N uptime U memory M slice S boot B}. */
    private static Line last(Path console) throws Exception {
        Line found = new Line(0, 0, "");
        if (Files.exists(console)) {
            String text = Files.readString(console, StandardCharsets.ISO_8859_1);
            for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\r?\n", -1)) {
                String[] words = line.split(" ", -1);
                if (words.length == 10 && words[0].equals("count")) {
                    found = new Line(Long.parseLong(words[1]), Double.parseDouble(words[3]), words[9]);
                }
            }
        }
        return found;
    }

    private static String tail(Path console) {
        try {
            String text = Files.readString(console, StandardCharsets.ISO_8859_1);
            return text.substring(Math.max(0, text.length() - 2000));
        } catch (java.io.IOException e) {
            return "no console: " + e.getMessage();
        }
    }
}
