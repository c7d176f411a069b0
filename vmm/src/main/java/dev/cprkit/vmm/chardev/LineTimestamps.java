package dev.cprkit.vmm.chardev;

import dev.cprkit.vmm.run.Clock;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Puts the time since it was switched on in front of each line of output: {@code [00:00:01.234] }. */
final class LineTimestamps {
    private static final long NS_PER_MS = 1_000_000;

    private final Clock clock;
    private boolean on;
    private boolean lineStarts;
    private long start = -1;

    LineTimestamps(Clock clock) {
        this.clock = clock;
    }

    /** Switches on or off. The first stamp is that of the next line, and its time is 0. */
    void toggle() {
        on = !on;
        start = -1;
        lineStarts = false;
    }

    boolean on() {
        return on;
    }

    /** The bytes with stamps. */
    byte[] stamp(byte[] bytes, int offset, int length) {
        ByteArrayOutputStream stamped = new ByteArrayOutputStream();
        for (int i = offset; i < offset + length; i++) {
            if (lineStarts) {
                byte[] text = text().getBytes(StandardCharsets.US_ASCII);
                stamped.write(text, 0, text.length);
                lineStarts = false;
            }
            stamped.write(bytes[i]);
            lineStarts = bytes[i] == '\n';
        }
        return stamped.toByteArray();
    }

    private String text() {
        if (start < 0) {
            start = clock.now();
        }
        long ms = (clock.now() - start) / NS_PER_MS;
        return "[" + digits(ms / 3_600_000, 2) + ":" + digits(ms / 60_000 % 60, 2) + ":" + digits(ms / 1000 % 60, 2)
                + "." + digits(ms % 1000, 3) + "] ";
    }

    private static String digits(long value, int width) {
        String text = Long.toString(value);
        return "0".repeat(Math.max(0, width - text.length())) + text;
    }
}
