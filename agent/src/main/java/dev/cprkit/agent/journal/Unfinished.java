package dev.cprkit.agent.journal;

import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.update.Evidence;
import java.util.Optional;

/**
 * An operation without an outcome.
 *
 * @param runner the process that does it, or did
 * @param evidence what it had touched, or was about to; empty if it was not as far
 */
public record Unfinished(Operation operation, ProcessRef runner, Optional<Evidence> evidence) {}
