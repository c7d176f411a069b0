package dev.cprkit.agent.journal;

import java.time.Duration;

/**
 * What of the past is kept. Operations under way are kept whatever this says.
 *
 * @param age of an operation's end, and of an entry of the audit trail
 * @param operations that have ended, at most; the audit trail is not limited by number
 */
public record Retention(Duration age, int operations) {
    public static final Retention DEFAULT = new Retention(Duration.ofDays(90), 10_000);

    public Retention {
        if (age.isNegative() || age.isZero() || operations < 1) {
            throw new IllegalArgumentException("a journal keeps something");
        }
    }
}
