package dev.cprkit.agent.operation;

import dev.cprkit.agent.check.Finding;

/** Is told what operations do, as they do it. Called on the operation's thread; must not block. */
public interface OperationListener {
    /** Nobody listens. */
    OperationListener NONE = new OperationListener() {};

    /** An operation has begun. */
    default void began(Operation operation) {}

    /** It has reached a state, and has not yet begun with what follows. */
    default void entered(Operation operation, Operation.Step step) {}

    /** A check found something. */
    default void found(Operation operation, Finding finding) {}

    /** It has ended. */
    default void ended(Operation operation) {}
}
