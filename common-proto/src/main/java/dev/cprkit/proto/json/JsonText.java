package dev.cprkit.proto.json;

import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNull;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import java.util.Map;

/**
 * JSON values as text, laid out as QEMU lays them out: {@code {"a": 1, "b": [2, 3]}}, ASCII only. Threads: any.
 *
 * <p>The writer is written out here because no setting of Jackson's gives this layout; reading is Jackson's.
 */
public final class JsonText {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();
    private static final int INDENT = 4;

    private final StringBuilder out = new StringBuilder(128);
    private final boolean pretty;

    private JsonText(boolean pretty) {
        this.pretty = pretty;
    }

    /** The value on one line. */
    public static String write(JsonValue value) {
        return write(value, false);
    }

    /** The value with a line for each member and element, indented by 4 spaces for each level. */
    public static String writePretty(JsonValue value) {
        return write(value, true);
    }

    /** The value on one line, or indented. */
    public static String write(JsonValue value, boolean pretty) {
        JsonText text = new JsonText(pretty);
        text.value(value, 0);
        return text.out.toString();
    }

    /**
     * The value of a text that holds exactly one; single-quoted strings are taken too.
     *
     * @throws JsonParseException if it does not
     */
    public static JsonValue parse(String text) throws JsonParseException {
        return JsonParser.parse(text);
    }

    private void value(JsonValue value, int depth) {
        switch (value) {
            case JsonObject object -> object(object, depth);
            case JsonArray array -> array(array, depth);
            case JsonString(String text) -> string(text);
            case JsonNumber number -> number(number);
            case JsonBool(boolean flag) -> out.append(flag);
            case JsonNull() -> out.append("null");
        }
    }

    private void object(JsonObject object, int depth) {
        out.append('{');
        boolean first = true;
        for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
            separate(first, depth + 1);
            first = false;
            string(member.getKey());
            out.append(": ");
            value(member.getValue(), depth + 1);
        }
        newLine(depth);
        out.append('}');
    }

    private void array(JsonArray array, int depth) {
        out.append('[');
        boolean first = true;
        for (JsonValue element : array.values()) {
            separate(first, depth + 1);
            first = false;
            value(element, depth + 1);
        }
        newLine(depth);
        out.append(']');
    }

    private void separate(boolean first, int depth) {
        if (!first) {
            out.append(pretty ? "," : ", ");
        }
        newLine(depth);
    }

    private void newLine(int depth) {
        if (pretty) {
            out.append('\n').repeat(' ', depth * INDENT);
        }
    }

    private void number(JsonNumber number) {
        if (number.integer() != null) {
            out.append(number.integer());
            return;
        }
        // As C's %g shows it: no ".0", an exponent with its sign.
        String text = Double.toString(number.real());
        int exponent = text.indexOf('E');
        String digits = exponent < 0 ? text : text.substring(0, exponent);
        out.append(digits.endsWith(".0") ? digits.substring(0, digits.length() - 2) : digits);
        if (exponent >= 0) {
            out.append(text.charAt(exponent + 1) == '-' ? "e" : "e+").append(text, exponent + 1, text.length());
        }
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            character(text.charAt(i));
        }
        out.append('"');
    }

    private void character(char c) {
        switch (c) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case '\b' -> out.append("\\b");
            case '\f' -> out.append("\\f");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                if (c >= 0x20 && c < 0x7F) {
                    out.append(c);
                } else {
                    out.append("\\u").append(HEX[c >> 12]).append(HEX[c >> 8 & 15]);
                    out.append(HEX[c >> 4 & 15]).append(HEX[c & 15]);
                }
            }
        }
    }
}
