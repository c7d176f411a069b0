package dev.cprkit.agent.operation;

import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.update.Cancellation;
import dev.cprkit.agent.update.UpdateJournal;
import java.nio.file.Path;
import java.util.Optional;

/** What one operation does, on its own thread. */
public interface Work {
    /** Does it. Whatever the VMs or the host do is an outcome; an exception means a mistake of ours. */
    Outcome run() throws OperationException;

    /** Ends its probation, if it has one, and the update stays; any thread, at any time. */
    default void commit() {}

    /** Ends its probation, if it has one, and the guest goes back; any thread, at any time. */
    default void goBack() {}

    /** Makes the work of an operation. */
    interface Source {
        /**
         * The program that will run; empty for the one that runs already.
         *
         * @throws OperationException if there can be none: nothing is begun then
         */
        Optional<Path> program(OperationSpec spec) throws OperationException;

        /** The work; {@code journal} is called on the thread that runs it. */
        Work of(Operation operation, UpdateJournal journal, Cancellation cancellation) throws OperationException;
    }
}
