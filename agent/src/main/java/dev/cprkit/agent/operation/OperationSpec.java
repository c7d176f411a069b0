package dev.cprkit.agent.operation;

import dev.cprkit.agent.vm.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What is asked for. Two requests with equal specs are the same request.
 *
 * @param vm the managed VM
 * @param program the next program, an absolute path; empty for the path of the one that runs (a rollback: the one before)
 * @param mode how the guest gets there
 * @param pauseBudget the longest pause that may be expected; empty for any
 * @param probation for how long the guest is watched in the new program before the update is committed; zero for not at all
 * @param timeout for everything until the guest is in the new process; backing out has limits of its own
 */
public record OperationSpec(
        OperationKind kind,
        VmName vm,
        Optional<Path> program,
        ModeChoice mode,
        Optional<Duration> pauseBudget,
        Duration probation,
        Duration timeout) {
    /** What an operation may take if nobody says otherwise. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

    /** An operation with nothing special about it. */
    public static OperationSpec of(OperationKind kind, VmName vm) {
        return new OperationSpec(
                kind, vm, Optional.empty(), ModeChoice.AUTO, Optional.empty(), Duration.ZERO, DEFAULT_TIMEOUT);
    }
}
