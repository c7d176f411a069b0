package dev.cprkit.agent.operation;

import dev.cprkit.agent.journal.Unfinished;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.update.UpdateJournal;

/** Finishes, or backs out, an operation whose runner is gone. */
public interface Recoverer {
    /** Does so; {@code journal} is told of what it does. The operation is the caller's: nobody else recovers it. */
    Outcome recover(Unfinished left, UpdateJournal journal);
}
