package dev.cprkit.agent.operation;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.proto.qapi.MigMode;
import java.time.Instant;
import java.util.Optional;

/** Makes outcomes. */
public final class Outcomes {
    private Outcomes() {}

    /** Of an operation that brought the guest nowhere. */
    public static Outcome of(ExitStatus status, String message) {
        return new Outcome(
                status,
                message,
                Instant.now(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "");
    }

    /** The same of one that had a mode. */
    public static Outcome of(ExitStatus status, String message, MigMode mode) {
        return new Outcome(
                status,
                message,
                Instant.now(),
                Optional.of(mode),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "");
    }

    /** What a mistake of ours is called. */
    static String mistake(Throwable mistake) {
        return "a mistake in cprkit: " + mistake;
    }

    /** The same, and why it came to it. */
    static Outcome because(String why, Outcome outcome) {
        return new Outcome(
                outcome.status(),
                why + "; " + outcome.message(),
                outcome.at(),
                outcome.mode(),
                outcome.pause(),
                outcome.program(),
                outcome.previous(),
                outcome.output());
    }
}
