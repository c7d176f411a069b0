package dev.cprkit.agent.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.agent.api.HttpCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What a request is answered with. */
sealed interface Reply {
    /** A whole answer. */
    record Whole(HttpCode code, String contentType, byte[] body) implements Reply {}

    /** Events for as long as the caller listens; {@code writer} writes them, and returns when there are no more. */
    record Stream(Writer writer) implements Reply {}

    /** Writes a stream. */
    interface Writer {
        void to(Lines lines) throws IOException;
    }

    /** Where a stream goes; blocks while the caller does not read, and throws when it is gone. */
    interface Lines {
        void send(String text) throws IOException;
    }

    static Reply of(HttpCode code, JsonNode document) {
        return new Whole(code, "application/json", (document + "\n").getBytes(StandardCharsets.UTF_8));
    }

    static Reply of(JsonNode document) {
        return of(HttpCode.OK, document);
    }
}
