package dev.cprkit.proto.json;

import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNull;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Map;

/**
 * JSON values as text, laid out as QEMU lays them out: {@code {"a": 1, "b": [2, 3]}}, ASCII only. Threads: any.
 *
 * <p>Written out here because no library's setting gives this layout.
 */
public final class JsonText {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();
    private static final int INDENT = 4;
    private static final int DIGITS = 17;
    private static final int LEAST_EXPONENT = -4;

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
        out.append(real(number.real()));
    }

    /** As C's %.17g shows it: no more than 17 digits, no zeros at the end, an exponent only if the number is far off 1. */
    private static String real(double value) {
        if (value == 0) {
            return Double.doubleToRawLongBits(value) == 0 ? "0" : "-0";
        }
        BigDecimal decimal = new BigDecimal(value)
                .round(new MathContext(DIGITS, RoundingMode.HALF_EVEN))
                .stripTrailingZeros();
        int exponent = decimal.precision() - decimal.scale() - 1;
        if (exponent >= LEAST_EXPONENT && exponent < DIGITS) {
            return decimal.toPlainString();
        }
        String digits = decimal.movePointLeft(exponent).stripTrailingZeros().toPlainString();
        return digits + (exponent < 0 ? "e-" : "e+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
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
