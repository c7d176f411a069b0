package dev.cprkit.agent.api;

import dev.cprkit.agent.ExitStatus;

/** A request cannot be met, or an answer not be read. The message is a sentence for people. */
public final class ApiException extends Exception {
    private static final long serialVersionUID = 1L;

    private final HttpCode code;
    private final ExitStatus status;

    public ApiException(HttpCode code, String message) {
        this(code, code.status(), message);
    }

    public ApiException(HttpCode code, ExitStatus status, String message) {
        super(message, null, false, false);
        this.code = code;
        this.status = status;
    }

    /** What it is answered with. */
    public HttpCode code() {
        return code;
    }

    /** The status in the answer's body. */
    public ExitStatus status() {
        return status;
    }
}
