package dev.cprkit.agent.daemon;

import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationSpec;
import java.util.Optional;

/** Begins an operation for somebody. */
interface Begin {
    /** As {@link dev.cprkit.agent.operation.OperationService#begin}. */
    Operation begin(Optional<String> id, OperationSpec spec, Caller who) throws OperationException;
}
