package dev.cprkit.agent.operation;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An operation as the journal has it, at one moment.
 *
 * @param id chosen by the caller, or made up; unique on the host
 * @param caller who asked for it, and through what
 * @param steps the states that it has reached, in order
 * @param findings of its checks
 * @param outcome how it ended; empty as long as it goes on
 */
public record Operation(
        String id,
        OperationSpec spec,
        Caller caller,
        Instant began,
        List<Step> steps,
        List<Finding> findings,
        Optional<Outcome> outcome) {
    public Operation {
        steps = List.copyOf(steps);
        findings = List.copyOf(findings);
    }

    /**
     * A state that was reached.
     *
     * @param at the host's time of day
     * @param sinceStart of the operation
     * @param detail what is worth knowing about it, one line without a full stop
     */
    public record Step(UpdateState state, Instant at, Duration sinceStart, String detail) {}

    /**
     * How an operation ended.
     *
     * @param message one sentence, or a few, for people
     * @param mode the mode that it took; empty if it did not get that far
     * @param pause how long the guest stood still; empty if it did not, or nobody can tell
     * @param program the program that has the guest now; empty if that did not change
     * @param previous the program that had it before; empty if that did not change
     * @param output what a new process that is gone printed last; often empty
     */
    public record Outcome(
            ExitStatus status,
            String message,
            Instant at,
            Optional<MigMode> mode,
            Optional<Duration> pause,
            Optional<Program> program,
            Optional<Program> previous,
            String output) {}

    /**
     * A program that runs a VM.
     *
     * @param sha256 of the file, in hexadecimal; empty if it could not be read
     * @param version as its monitor tells it
     */
    public record Program(Path path, String sha256, String version) {}

    /** The state that it has reached. */
    public Optional<UpdateState> state() {
        return steps.isEmpty() ? Optional.empty() : Optional.of(steps.getLast().state());
    }
}
