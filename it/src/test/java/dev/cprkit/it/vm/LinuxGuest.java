package dev.cprkit.it.vm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The Linux guest on a console that is a file: {@code count N uptime U memory M slice S boot B} some times per second, see
 * guest/linux/init.
 */
record LinuxGuest(Path console) {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** What it said once. */
    private record Line(long count, double uptime, String memory, String boot) {}

    String text() throws IOException {
        return Files.exists(console) ? Files.readString(console, StandardCharsets.ISO_8859_1) : "";
    }

    /** Its whole lines, from its boot to now. */
    private List<Line> lines() throws IOException {
        List<Line> lines = new ArrayList<>();
        String text = text();
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\r?\n", -1)) {
            parse(line).ifPresent(lines::add);
        }
        return lines;
    }

    private static Optional<Line> parse(String line) {
        String[] words = line.split(" ", -1);
        return words.length == 10 && words[0].equals("count")
                ? Optional.of(new Line(Long.parseLong(words[1]), Double.parseDouble(words[3]), words[5], words[9]))
                : Optional.empty();
    }

    /** The last count; 0 before the first. Looks from the end, for it is asked all the time. */
    long count() throws IOException {
        String text = text();
        int end = text.lastIndexOf('\n');
        while (end >= 0) {
            int before = text.lastIndexOf('\n', end - 1);
            Optional<Line> line = parse(text.substring(before + 1, end).stripTrailing());
            if (line.isPresent()) {
                return line.get().count();
            }
            end = before;
        }
        return 0;
    }

    /** Waits until it has counted so far. */
    void awaitCount(long atLeast) throws Exception {
        Await.until(LIMIT, () -> "a count of " + atLeast + "; " + tail(), () -> count() >= atLeast);
    }

    /** How often these words are on the console. */
    int times(String words) throws IOException {
        String text = text();
        int times = 0;
        for (int at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + words.length())) {
            times++;
        }
        return times;
    }

    /** Waits until these words are on the console for that many times. */
    void await(String words, int times) throws Exception {
        Await.until(LIMIT, () -> "'" + words + "'; " + tail(), () -> times(words) >= times);
    }

    /** What is wrong with what it said; empty if every count follows the one before, of one boot, and memory was right. */
    String complaint() throws IOException {
        for (String bad : List.of("memory BAD", "BUG:", "Oops", "rcu_sched self-detected")) {
            if (times(bad) > 0) {
                return bad;
            }
        }
        Line before = new Line(0, 0, "", "");
        for (Line line : lines()) {
            if (line.count() != before.count() + 1
                    || line.uptime() <= before.uptime()
                    || !line.memory().equals("ok")
                    || before.count() > 0 && !line.boot().equals(before.boot())) {
                return line + " after " + before;
            }
            before = line;
        }
        return "";
    }

    private String tail() {
        try {
            String text = text();
            return "the console ends with: " + text.substring(Math.max(0, text.length() - 2000));
        } catch (IOException e) {
            return "no console: " + e.getMessage();
        }
    }
}
