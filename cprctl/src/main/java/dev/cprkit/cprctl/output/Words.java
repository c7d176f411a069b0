package dev.cprkit.cprctl.output;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Values as people read them. */
public final class Words {
    private static final int MINUTE = 60;
    private static final int HOUR = 3_600;
    private static final int DAY = 86_400;

    private Words() {}

    /** {@code 6.180 ms}. */
    public static String milliseconds(Duration time) {
        return String.format(Locale.ROOT, "%.3f ms", time.toNanos() / 1e6);
    }

    /** {@code 5s}, {@code 12m}, {@code 3h}, {@code 40d}: the largest unit that fits. */
    public static String age(Duration age) {
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < MINUTE) {
            return seconds + "s";
        }
        if (seconds < HOUR) {
            return seconds / MINUTE + "m";
        }
        return seconds < DAY ? seconds / HOUR + "h" : seconds / DAY + "d";
    }

    /** A command line as a shell takes it. */
    public static String shell(List<String> words) {
        return words.stream().map(Words::shell).collect(Collectors.joining(" "));
    }

    /** One word as a shell takes it. */
    public static String shell(String word) {
        boolean plain = !word.isEmpty()
                && word.chars().allMatch(c -> c < 128 && Character.isLetterOrDigit(c) || "-_./=,:+@%".indexOf(c) >= 0);
        return plain ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
