package dev.cprkit.cprctl;

import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How long a command waits for an operation, and what it prints meanwhile. */
final class WaitOptions {
    private static final int MOST_SECONDS = 86_400;

    @Option(
            names = "--timeout",
            order = 50,
            paramLabel = "S",
            description =
                    "Wait at most so many seconds (0 to 86400). An operation of the agent goes on then, and the exit"
                        + " status is 8; without an agent, the operation backs out when the time is over. By default"
                        + " the wait lasts until the operation has ended.")
    private Optional<Integer> timeout = Optional.empty();

    @Option(
            names = "--follow",
            order = 51,
            description =
                    "With --json: print a document on a line of its own for each step and each finding as it comes,"
                            + " and the operation itself at the end.")
    private boolean follow;

    /** Refuses what makes no sense. */
    void check(Verb verb) {
        timeout.filter(seconds -> seconds < 0 || seconds > MOST_SECONDS).ifPresent(seconds -> {
            throw verb.wrong("--timeout takes 0 to 86400 seconds, not " + seconds);
        });
    }

    boolean follow() {
        return follow;
    }

    /** For how long to wait; never zero, which an operation in this process could not live with. */
    Optional<Duration> timeout() {
        return timeout.map(seconds -> Duration.ofSeconds(Math.max(1, seconds)));
    }

    /** For how long to wait for an operation that somebody else runs; empty for as long as it takes. */
    Optional<Duration> limit(boolean byAgent) {
        return byAgent ? timeout.map(Duration::ofSeconds) : Optional.empty();
    }
}
