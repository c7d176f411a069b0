package dev.cprkit.agent.operation;

import dev.cprkit.agent.vm.VmName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The operations of this host: begin one, look at it, end it early. In this process ({@code LocalOperations}) or through
 * the agent ({@code RemoteOperations}); both use the same journal, so each shows what the other began. Any thread may call.
 */
public interface OperationService extends AutoCloseable {
    /**
     * Begins an operation and returns without waiting for its end. If there is one of that id with an equal spec, that one
     * is returned.
     *
     * @param id empty for one that is made up
     * @throws OperationException with {@link dev.cprkit.agent.ExitStatus#CONFLICT} if the id is another operation's or
     *     the VM has an operation under way
     */
    Operation begin(Optional<String> id, OperationSpec spec) throws OperationException;

    /** The operation of that id. */
    Optional<Operation> find(String id) throws OperationException;

    /** Waits for its end, at most so long, and returns how far it is then. */
    Operation await(String id, Duration limit) throws OperationException;

    /** The latest operations, of one VM or of all, the newest first. */
    List<Operation> history(Optional<VmName> vm, int most) throws OperationException;

    /** Asks it to back out while that is possible; returns at once. */
    Operation cancel(String id) throws OperationException;

    /** Ends its probation: the update stays. */
    Operation commit(String id) throws OperationException;

    /** Tells a listener of everything from now on, until the result is closed. */
    Subscription subscribe(OperationListener listener) throws OperationException;

    @Override
    void close();

    /** A listener that is told. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
