package dev.cprkit.proto.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;

/**
 * An event as the peer sent it (reference/qemu-cpr.md, section 8.1).
 *
 * @param name such as {@code STOP} or {@code MIGRATION}
 * @param data the event's data, an empty object if it came without
 * @param at the peer's time of day when it happened; the epoch if it sent none
 */
public record QmpEvent(String name, JsonNode data, Instant at) {
    static QmpEvent of(JsonNode message) {
        JsonNode data = message.get("data");
        JsonNode stamp = message.path("timestamp");
        long seconds = Math.clamp(stamp.path("seconds").asLong(), 0, Integer.MAX_VALUE * 64L);
        long micros = Math.clamp(stamp.path("microseconds").asLong(), 0, 999_999);
        return new QmpEvent(
                message.path("event").asText(),
                data == null || !data.isObject() ? JsonNodeFactory.instance.objectNode() : data,
                Instant.ofEpochSecond(seconds, micros * 1000));
    }

    /** A text member of the data, empty if it is not there. */
    public String text(String member) {
        return data.path(member).asText("");
    }
}
