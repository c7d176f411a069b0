package dev.cprkit.proto.json;

import dev.cprkit.proto.json.JsonLexer.Token;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNull;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Builds a value from its text, in QEMU's dialect: strings in single or double quotes, no member twice in an object,
 * integers of up to 64 bits kept exactly. Not recursive, so nesting costs no stack. It is written out here because no
 * library has this dialect, nor QEMU's words for what is wrong with a text.
 */
final class JsonParser {
    private static final int MAX_DIGITS = 1000;
    private static final int MAX_SHOWN = 40;

    private final JsonLexer lexer;
    private final Deque<JsonValue> open = new ArrayDeque<>();
    private final Deque<String> names = new ArrayDeque<>();

    private JsonParser(JsonLexer lexer) {
        this.lexer = lexer;
    }

    static JsonValue parse(String text) throws JsonParseException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return parse(bytes, 0, bytes.length, 1, 1);
    }

    /** The one value in a part of an array, which begins at that line and column of a longer text. */
    static JsonValue parse(byte[] text, int from, int to, int line, int column) throws JsonParseException {
        return new JsonParser(new JsonLexer(text, from, to, line, column)).parse();
    }

    private JsonValue parse() throws JsonParseException {
        lexer.next();
        JsonValue done = null;
        while (done == null) {
            JsonValue value = value();
            done = value == null ? null : close(value);
        }
        if (lexer.next() != Token.END) {
            throw new JsonParseException("Expecting at most one JSON value");
        }
        return done;
    }

    /** The value at the token, or null if one was opened that is not empty; the next token is then its first value. */
    private JsonValue value() throws JsonParseException {
        return switch (lexer.token()) {
            case OPEN_OBJECT -> {
                checkDepth();
                JsonObject object = new JsonObject();
                if (lexer.next() == Token.CLOSE_OBJECT) {
                    yield object;
                }
                open.push(object);
                key();
                yield null;
            }
            case OPEN_ARRAY -> {
                checkDepth();
                JsonArray array = new JsonArray();
                if (lexer.next() == Token.CLOSE_ARRAY) {
                    yield array;
                }
                open.push(array);
                yield null;
            }
            case STRING -> new JsonString(lexer.string());
            case INTEGER -> integer(lexer.text());
            case REAL -> JsonNumber.of(real(lexer.text()));
            case KEYWORD -> keyword(lexer.text());
            case END -> throw lexer.error("premature end of input");
            case CLOSE_OBJECT, CLOSE_ARRAY, COLON, COMMA -> throw lexer.error("expecting value");
        };
    }

    private void checkDepth() throws JsonParseException {
        if (open.size() >= JsonStream.MAX_NESTING) {
            throw new JsonParseException("JSON nesting depth limit exceeded");
        }
    }

    /** The member's name at the token, and the colon behind it; the next token is then its value. */
    private void key() throws JsonParseException {
        switch (lexer.token()) {
            case STRING -> names.push(lexer.string());
            case END -> throw lexer.error("premature end of input");
            default -> throw lexer.error("expecting key");
        }
        if (lexer.next() != Token.COLON) {
            throw lexer.error(lexer.token() == Token.END ? "premature end of input" : "expecting ':'");
        }
        lexer.next();
    }

    /** Puts a whole value where it belongs; the outermost one is returned, else the next token is the next value. */
    private JsonValue close(JsonValue whole) throws JsonParseException {
        JsonValue value = whole;
        while (!open.isEmpty()) {
            boolean object = place(value);
            switch (lexer.next()) {
                case COMMA -> {
                    lexer.next();
                    if (object) {
                        key();
                    }
                    return null;
                }
                case END -> throw lexer.error("premature end of input");
                case CLOSE_OBJECT, CLOSE_ARRAY -> {
                    if ((lexer.token() == Token.CLOSE_OBJECT) != object) {
                        throw lexer.error(object ? "expected ',' or '}'" : "expected ',' or ']'");
                    }
                    value = open.pop();
                }
                default -> throw lexer.error(object ? "expected ',' or '}'" : "expected ',' or ']'");
            }
        }
        return value;
    }

    /** Whether it was a member of an object. */
    private boolean place(JsonValue value) throws JsonParseException {
        if (open.getFirst() instanceof JsonObject object) {
            if (object.members().putIfAbsent(names.pop(), value) != null) {
                throw lexer.error("duplicate key");
            }
            return true;
        }
        ((JsonArray) open.getFirst()).add(value);
        return false;
    }

    private JsonValue keyword(String word) throws JsonParseException {
        return switch (word) {
            case "true" -> new JsonBool(true);
            case "false" -> new JsonBool(false);
            case "null" -> new JsonNull();
            default ->
                throw lexer.error("invalid keyword '"
                        + (word.length() > MAX_SHOWN ? word.substring(0, MAX_SHOWN) + "..." : word) + "'");
        };
    }

    private JsonNumber integer(String text) throws JsonParseException {
        if (text.length() > MAX_DIGITS) {
            return JsonNumber.of(real(text));
        }
        BigInteger integer = new BigInteger(text);
        int bits = integer.bitLength();
        if (bits <= 63 || bits == 64 && integer.signum() > 0) {
            return new JsonNumber(integer, integer.doubleValue());
        }
        return JsonNumber.of(real(text));
    }

    private double real(String text) throws JsonParseException {
        double value = Double.parseDouble(text);
        if (!Double.isFinite(value)) {
            throw lexer.error("number out of range");
        }
        return value;
    }
}
