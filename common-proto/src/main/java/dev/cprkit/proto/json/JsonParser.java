package dev.cprkit.proto.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNull;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Builds a value with Jackson's streaming parser, in QEMU's dialect: strings in single or double quotes, no member
 * twice in an object, integers of up to 64 bits kept exactly. Not recursive, so nesting costs no stack.
 */
final class JsonParser {
    private static final int MAX_DIGITS = 1000;
    private static final int MAX_REASON = 200;

    private final Deque<JsonValue> open = new ArrayDeque<>();
    private final Deque<String> names = new ArrayDeque<>();

    private JsonParser() {}

    static JsonValue parse(String text) throws JsonParseException {
        try (com.fasterxml.jackson.core.JsonParser tokens = Factory.JSON.createParser(text)) {
            return new JsonParser().parse(tokens);
        } catch (JsonProcessingException e) {
            throw new JsonParseException(reason(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new JsonParseException(reason(e.getMessage()));
        }
    }

    private JsonValue parse(com.fasterxml.jackson.core.JsonParser tokens) throws IOException, JsonParseException {
        JsonValue result = null;
        for (JsonToken token = tokens.nextToken(); token != null; token = tokens.nextToken()) {
            if (result != null) {
                throw new JsonParseException("expecting end of input");
            }
            JsonValue value = value(tokens, token);
            if (value == null) {
                continue;
            }
            if (open.isEmpty()) {
                result = value;
            } else {
                place(value);
            }
        }
        if (result == null) {
            throw new JsonParseException("expecting value");
        }
        return result;
    }

    /** The value that the token completes, or null if it opens one or names a member. */
    private JsonValue value(com.fasterxml.jackson.core.JsonParser tokens, JsonToken token)
            throws IOException, JsonParseException {
        return switch (token) {
            case START_OBJECT -> {
                open.push(new JsonObject());
                yield null;
            }
            case START_ARRAY -> {
                open.push(new JsonArray());
                yield null;
            }
            case FIELD_NAME -> {
                names.push(tokens.currentName());
                yield null;
            }
            case END_OBJECT, END_ARRAY -> open.pop();
            case VALUE_STRING -> new JsonString(tokens.getText());
            case VALUE_NUMBER_INT -> integer(tokens);
            case VALUE_NUMBER_FLOAT -> real(tokens.getDoubleValue());
            case VALUE_TRUE -> new JsonBool(true);
            case VALUE_FALSE -> new JsonBool(false);
            case VALUE_NULL -> new JsonNull();
            case NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> throw new JsonParseException("expecting value");
        };
    }

    private void place(JsonValue value) {
        JsonValue parent = open.getFirst();
        if (parent instanceof JsonObject object) {
            object.put(names.pop(), value);
        } else if (parent instanceof JsonArray array) {
            array.add(value);
        }
    }

    private static JsonNumber integer(com.fasterxml.jackson.core.JsonParser tokens)
            throws IOException, JsonParseException {
        BigInteger integer = tokens.getBigIntegerValue();
        int bits = integer.bitLength();
        if (bits <= 63 || bits == 64 && integer.signum() > 0) {
            return new JsonNumber(integer, integer.doubleValue());
        }
        return real(integer.doubleValue());
    }

    private static JsonNumber real(double value) throws JsonParseException {
        if (!Double.isFinite(value)) {
            throw new JsonParseException("number out of range");
        }
        return JsonNumber.of(value);
    }

    private static String reason(String message) {
        String line = message.lines().findFirst().orElse("invalid text");
        return line.length() > MAX_REASON ? line.substring(0, MAX_REASON) + "..." : line;
    }

    /** Made at the first text that is read: a process that only writes JSON does not load Jackson. */
    private static final class Factory {
        static final JsonFactory JSON = JsonFactory.builder()
                .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
                .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(JsonStream.MAX_NESTING)
                        .maxStringLength(JsonStream.MAX_SIZE)
                        .maxNameLength(JsonStream.MAX_SIZE)
                        .maxNumberLength(MAX_DIGITS)
                        .build())
                .build();
    }
}
