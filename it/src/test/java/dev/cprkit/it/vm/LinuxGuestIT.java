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

/** Debian's own kernel boots, and goes from process to process. Skipped where bin/guest-linux cannot make it. */
@Timeout(300)
class LinuxGuestIT {
    private static final Duration BOOT = Duration.ofMinutes(3);

    @TempDir
    private Path folder;

    @Test
    void linuxLivesThroughEveryModeRunningStoppedAndAsleep() throws Exception {
        List<String> machine = new ArrayList<>(BareGuest.machine("512M"));
        machine.addAll(LinuxImage.options(folder));
        TypedConsole console = new TypedConsole(folder, printed());
        Journey.Machine options = process -> {
            List<String> all = new ArrayList<>(machine);
            all.addAll(console.options(process));
            return all;
        };
        try (Journey journey = Journey.begin(folder, options)) {
            awaitCount(3);
            Line first = last();
            for (Journey.Mode mode : Journey.Mode.values()) {
                long before = last().count();
                journey.move(mode, Journey.Told.AT_ITS_START);
                journey.vm().awaitStatus("running");
                awaitCount(before + 3);
            }
            for (Journey.Mode mode : Journey.Mode.values()) {
                journey.vm().execute("stop");
                long stoppedAt = last().count();
                journey.move(mode, Journey.Told.LATER);
                journey.vm().awaitStatus("paused");
                assertThat(last().count()).isEqualTo(stoppedAt);
                journey.vm().execute("cont");
                awaitCount(stoppedAt + 2);
            }
            Line line = last();
            assertThat(line.boot()).as("boot id").isEqualTo(first.boot());
            assertThat(line.uptime()).isGreaterThan(first.uptime());
            try (SocketChannel keys = console.open(journey.name())) {
                TypedConsole.type(keys, "x");
                await("~ # ");
                TypedConsole.type(
                        keys, "for i in 1 2 3 4; do echo mem >/sys/power/state; done; echo aw\"\"ake; exit\n");
                journey.vm().awaitStatus("suspended");
            }
            for (Journey.Mode mode : Journey.Mode.values()) {
                journey.vm().awaitStatus("suspended");
                journey.move(mode, Journey.Told.AT_ITS_START);
                journey.vm().awaitStatus("suspended");
                journey.vm().execute("system_wakeup");
            }
            await("awake");
            awaitCount(line.count() + 2);
            assertThat(last().boot()).as("boot id").isEqualTo(first.boot());
            assertThat(text()).doesNotContain("memory BAD", "BUG:", "Oops", "rcu_sched self-detected");
        }
    }

    private record Line(long count, double uptime, String boot) {}

    /** The last whole line of {@code count N uptime U memory M slice S boot B}. */
    private Line last() throws Exception {
        Line found = new Line(0, 0, "");
        String text = text();
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\r?\n", -1)) {
            String[] words = line.split(" ", -1);
            if (words.length == 10 && words[0].equals("count")) {
                found = new Line(Long.parseLong(words[1]), Double.parseDouble(words[3]), words[9]);
            }
        }
        return found;
    }

    private void awaitCount(long count) throws Exception {
        Await.until(BOOT, this::tail, () -> last().count() >= count);
    }

    private void await(String words) throws Exception {
        Await.until(BOOT, this::tail, () -> text().contains(words));
    }

    private Path printed() {
        return folder.resolve("console");
    }

    private String text() throws Exception {
        return Files.exists(printed()) ? Files.readString(printed(), StandardCharsets.ISO_8859_1) : "";
    }

    private String tail() {
        try {
            String text = text();
            return "the console ends with: " + text.substring(Math.max(0, text.length() - 2000));
        } catch (Exception e) {
            return "no console: " + e.getMessage();
        }
    }
}
