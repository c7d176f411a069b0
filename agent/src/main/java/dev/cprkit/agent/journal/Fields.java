package dev.cprkit.agent.journal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.cprkit.agent.journal.JournalException.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Fields of the documents in the journal. An unknown field is left alone: a later version may have added it. */
final class Fields {
    private static final JsonMapper JSON = new JsonMapper();
    private static final long SECOND = 1_000_000_000;

    private Fields() {}

    static JsonNode parse(String text) throws JournalException {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new JournalException(Reason.UNREADABLE, "the journal has a damaged entry: " + e.getOriginalMessage());
        }
    }

    static <T> T known(Optional<T> value, String what) throws JournalException {
        return value.orElseThrow(() -> new JournalException(
                Reason.UNREADABLE, "the journal has an entry whose " + what + " this cprkit does not know"));
    }

    static Optional<String> text(JsonNode json, String field) {
        return json.hasNonNull(field) ? Optional.of(json.get(field).asText()) : Optional.empty();
    }

    static Optional<Duration> nanos(JsonNode json, String field) {
        return json.hasNonNull(field)
                ? Optional.of(Duration.ofNanos(json.get(field).asLong()))
                : Optional.empty();
    }

    static ArrayNode array(List<String> texts) {
        ArrayNode array = JSON.createArrayNode();
        texts.forEach(array::add);
        return array;
    }

    static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(one -> texts.add(one.asText()));
        return texts;
    }

    static long nanos(Instant instant) {
        return instant.getEpochSecond() * SECOND + instant.getNano();
    }

    static Instant instant(long nanos) {
        return Instant.ofEpochSecond(Math.floorDiv(nanos, SECOND), Math.floorMod(nanos, SECOND));
    }
}
