package dev.cprkit.agent.api;

import dev.cprkit.agent.ExitStatus;
import java.util.Optional;

/**
 * The codes of HTTP that the agent answers with, each with the {@link ExitStatus} that an error's body names. The one
 * table of it; {@code openapi.json} and the manual are checked against it.
 */
public enum HttpCode {
    OK(200, ExitStatus.OK, "here it is"),
    CREATED(201, ExitStatus.OK, "the operation has begun"),
    ACCEPTED(202, ExitStatus.OK, "it was asked for; how it ends is in the operation"),
    BAD_REQUEST(400, ExitStatus.USAGE, "the request is wrong; nothing was done"),
    FORBIDDEN(403, ExitStatus.NOT_AUTHORISED, "the caller may not do that"),
    NOT_FOUND(404, ExitStatus.USAGE, "there is no such path, VM or operation"),
    METHOD_NOT_ALLOWED(405, ExitStatus.USAGE, "the path has no such method"),
    TOO_SLOW(408, ExitStatus.USAGE, "the request did not come within 30 seconds"),
    CONFLICT(409, ExitStatus.CONFLICT, "another operation of that VM, or another one of that id, is in the way"),
    TOO_LARGE(413, ExitStatus.USAGE, "the request is larger than 1 MiB"),
    URI_TOO_LONG(414, ExitStatus.USAGE, "the path and query are too long"),
    REFUSED(422, ExitStatus.REFUSED, "a check, or the agent's configuration, refused; nothing was done"),
    HEADERS_TOO_LARGE(431, ExitStatus.USAGE, "the headers are too large"),
    FAILED(500, ExitStatus.ATTENTION, "somebody has to look; the agent's log tells more"),
    UNAVAILABLE(503, ExitStatus.UNREACHABLE, "the agent stops, has too many callers, or the VM does not answer"),
    VERSION_NOT_SUPPORTED(505, ExitStatus.USAGE, "the agent speaks HTTP/1.1");

    private final int number;
    private final ExitStatus status;
    private final String meaning;

    HttpCode(int number, ExitStatus status, String meaning) {
        this.number = number;
        this.status = status;
        this.meaning = meaning;
    }

    /** The code of that number. */
    public static Optional<HttpCode> of(int number) {
        for (HttpCode code : values()) {
            if (code.number == number) {
                return Optional.of(code);
            }
        }
        return Optional.empty();
    }

    /** The code that an error of that status is answered with. */
    public static HttpCode of(ExitStatus status) {
        return switch (status) {
            case OK -> OK;
            case USAGE -> BAD_REQUEST;
            case REFUSED -> REFUSED;
            case CONFLICT, ABORTED, ROLLED_BACK, SAVED, UNDER_WAY -> CONFLICT;
            case UNREACHABLE -> UNAVAILABLE;
            case NOT_AUTHORISED -> FORBIDDEN;
            case ATTENTION -> FAILED;
        };
    }

    /** The number on the wire. */
    public int number() {
        return number;
    }

    /** The status in an error's body, if nobody knows better. */
    public ExitStatus status() {
        return status;
    }

    /** One line for people. */
    public String meaning() {
        return meaning;
    }
}
