package dev.cprkit.agent.api;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The fields of a JSON object, read one by one. Each error is a sentence that names the field. {@link #end} refuses the
 * fields that nobody asked for; whoever reads what a newer program may have written does not call it.
 *
 * <p>Threads: one.
 */
public final class Fields {
    private static final ObjectMapper MAPPER = JsonMapper.builder(new JsonFactoryBuilder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(32)
                            .maxNumberLength(40)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    /** The longest time that a field may tell: a year. */
    private static final BigDecimal MOST_SECONDS =
            BigDecimal.valueOf(Duration.ofDays(366).toSeconds());

    private final String where;
    private final JsonNode node;
    private final Set<String> asked = new HashSet<>();

    private Fields(String where, JsonNode node) {
        this.where = where;
        this.node = node;
    }

    /**
     * A document, or a sentence that says where it stops being one.
     *
     * @throws ApiException {@link HttpCode#BAD_REQUEST}
     */
    public static JsonNode parse(byte[] text) throws ApiException {
        try {
            JsonNode node = MAPPER.readTree(text);
            if (node == null || node.isMissingNode()) {
                throw bad("there is no JSON in the body");
            }
            return node;
        } catch (JacksonException e) {
            var at = e.getLocation();
            String place = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
            throw bad("the body is not JSON" + place + ": " + firstLine(e.getOriginalMessage()));
        } catch (IOException e) {
            throw bad("the body cannot be read: " + e.getMessage());
        }
    }

    /** Jackson goes on with a place of its own, in other words than ours. */
    private static String firstLine(String message) {
        String line = message.lines().findFirst().orElse("");
        int marker = line.indexOf(" (start marker");
        return marker < 0 ? line : line.substring(0, marker);
    }

    /** The fields of a whole document. */
    public static Fields of(JsonNode document) throws ApiException {
        if (!document.isObject()) {
            throw bad("the document must be an object, not " + kind(document));
        }
        return new Fields("", document);
    }

    /** Checks {@code schema} and {@code type}, which a request may leave out. */
    public Fields document(String type) throws ApiException {
        Optional<String> schema = optionalText("schema");
        if (schema.isPresent() && !schema.get().equals(Json.SCHEMA)) {
            throw bad("the field 'schema' must be \"" + Json.SCHEMA + "\", not \"" + schema.get() + "\"");
        }
        Optional<String> given = optionalText("type");
        if (given.isPresent() && !given.get().equals(type)) {
            throw bad("the field 'type' must be \"" + type + "\", not \"" + given.get() + "\"");
        }
        return this;
    }

    /** Refuses what nobody asked for. */
    public void end() throws ApiException {
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!asked.contains(name)) {
                List<String> known = new ArrayList<>(asked);
                known.sort(null);
                throw bad("the field '" + where + shorten(name) + "' is not known; known are: "
                        + String.join(", ", known));
            }
        }
    }

    /** Whether there is such a field, and it is not null. */
    public boolean has(String name) {
        asked.add(name);
        return node.hasNonNull(name);
    }

    public String text(String name) throws ApiException {
        return optionalText(name).orElseThrow(() -> missing(name));
    }

    public Optional<String> optionalText(String name) throws ApiException {
        if (!has(name)) {
            return Optional.empty();
        }
        JsonNode value = node.get(name);
        if (!value.isTextual()) {
            throw wrong(name, "a string", value);
        }
        return Optional.of(value.textValue());
    }

    /** A text that means something, or a sentence with what it may be. */
    public <T> T named(String name, Function<String, Optional<T>> of, String what) throws ApiException {
        return optionalNamed(name, of, what).orElseThrow(() -> missing(name));
    }

    public <T> Optional<T> optionalNamed(String name, Function<String, Optional<T>> of, String what)
            throws ApiException {
        Optional<String> text = optionalText(name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Optional<T> value = of.apply(text.get());
        if (value.isEmpty()) {
            throw bad("the field '" + where + name + "' is \"" + shorten(text.get()) + "\"; " + what);
        }
        return value;
    }

    public boolean flag(String name) throws ApiException {
        return optionalFlag(name).orElseThrow(() -> missing(name));
    }

    public Optional<Boolean> optionalFlag(String name) throws ApiException {
        if (!has(name)) {
            return Optional.empty();
        }
        JsonNode value = node.get(name);
        if (!value.isBoolean()) {
            throw wrong(name, "true or false", value);
        }
        return Optional.of(value.booleanValue());
    }

    public long number(String name, long least, long most) throws ApiException {
        return optionalNumber(name, least, most).orElseThrow(() -> missing(name));
    }

    /** A whole number from {@code least} to {@code most}. */
    public Optional<Long> optionalNumber(String name, long least, long most) throws ApiException {
        if (!has(name)) {
            return Optional.empty();
        }
        JsonNode value = node.get(name);
        if (!value.isIntegralNumber()) {
            throw wrong(name, "a whole number", value);
        }
        if (!value.canConvertToLong() || value.longValue() < least || value.longValue() > most) {
            throw bad("the field '" + where + name + "' must be " + least + " to " + most + ", not " + value);
        }
        return Optional.of(value.longValue());
    }

    /** A time in units of {@code 10^-shift} seconds, not negative, at most a year. */
    public Optional<Duration> optionalTime(String name, int shift) throws ApiException {
        if (!has(name)) {
            return Optional.empty();
        }
        JsonNode value = node.get(name);
        if (!value.isNumber()) {
            throw wrong(name, "a number", value);
        }
        BigDecimal given = value.decimalValue();
        // Bounded first: a power of ten that nobody can write out is a short text in JSON.
        if (given.signum() < 0 || given.precision() - given.scale() > 15) {
            throw bad("the field '" + where + name + "' is a time, and must be 0 or more and at most a year, not "
                    + value);
        }
        BigDecimal seconds = given.scaleByPowerOfTen(-shift);
        if (seconds.compareTo(MOST_SECONDS) > 0) {
            throw bad("the field '" + where + name + "' is a time, and must be 0 or more and at most a year, not "
                    + value);
        }
        return Optional.of(Duration.ofNanos(
                seconds.movePointRight(9).setScale(0, RoundingMode.HALF_EVEN).longValueExact()));
    }

    public Duration time(String name, int shift) throws ApiException {
        return optionalTime(name, shift).orElseThrow(() -> missing(name));
    }

    public Instant instant(String name) throws ApiException {
        String text = text(name);
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw bad("the field '" + where + name + "' must be a time of day as 2026-11-20T12:00:00Z, not \""
                    + shorten(text) + "\"");
        }
    }

    /** An object in a field, to be read the same way. */
    public Fields object(String name) throws ApiException {
        return optionalObject(name).orElseThrow(() -> missing(name));
    }

    /** What is in a field, whatever it is. */
    JsonNode part(String name) throws ApiException {
        if (!has(name)) {
            throw missing(name);
        }
        return node.get(name);
    }

    public Optional<Fields> optionalObject(String name) throws ApiException {
        if (!has(name)) {
            return Optional.empty();
        }
        JsonNode value = node.get(name);
        if (!value.isObject()) {
            throw wrong(name, "an object", value);
        }
        return Optional.of(new Fields(where + name + ".", value));
    }

    /** The objects in a list; an absent list is an empty one. */
    public List<Fields> objects(String name) throws ApiException {
        List<Fields> objects = new ArrayList<>();
        for (JsonNode one : list(name)) {
            String place = name + "[" + objects.size() + "]";
            if (!one.isObject()) {
                throw wrong(place, "an object", one);
            }
            objects.add(new Fields(where + place + ".", one));
        }
        return objects;
    }

    /** The strings in a list; an absent list is an empty one. */
    public List<String> texts(String name) throws ApiException {
        List<String> texts = new ArrayList<>();
        for (JsonNode one : list(name)) {
            if (!one.isTextual()) {
                throw wrong(name + "[" + texts.size() + "]", "a string", one);
            }
            texts.add(one.textValue());
        }
        return texts;
    }

    private JsonNode list(String name) throws ApiException {
        if (!has(name)) {
            return JsonNodeFactory.instance.arrayNode();
        }
        JsonNode value = node.get(name);
        if (!value.isArray()) {
            throw wrong(name, "a list", value);
        }
        return value;
    }

    private ApiException missing(String name) {
        return bad("the field '" + where + name + "' is missing");
    }

    private ApiException wrong(String name, String expected, JsonNode value) {
        return bad("the field '" + where + name + "' must be " + expected + ", not " + kind(value));
    }

    private static ApiException bad(String sentence) {
        return new ApiException(HttpCode.BAD_REQUEST, sentence);
    }

    private static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT, POJO -> "an object";
            case STRING, BINARY -> "a string";
            case NUMBER -> value.isIntegralNumber() ? "a whole number" : "a number";
            case BOOLEAN -> "true or false";
            case NULL, MISSING -> "null";
        };
    }

    /** What came from outside is quoted only as far as it helps, and printable. */
    public static String shorten(String text) {
        String head = text.length() <= 80 ? text : text.substring(0, 80) + "…";
        StringBuilder printable = new StringBuilder(head.length());
        head.chars().forEach(c -> printable.append(Character.isISOControl(c) ? '?' : (char) c));
        return printable.toString();
    }
}
