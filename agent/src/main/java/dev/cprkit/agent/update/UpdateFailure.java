package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;

/** An update cannot go on. The message is one sentence without a full stop; the status is what the user will see. */
final class UpdateFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final ExitStatus status;

    UpdateFailure(ExitStatus status, String message) {
        super(message);
        this.status = status;
    }

    ExitStatus status() {
        return status;
    }
}
