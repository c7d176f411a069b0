package dev.cprkit.vmm.monitor.hmp.command;

import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonString;

/** Values of properties as people read them. Stateless. */
final class PropertyText {
    private PropertyText() {}

    /** As help shows a default: {@code on}, {@code 65536}, a string as it is. */
    static String plain(JsonValue value) {
        return switch (value) {
            case JsonBool(boolean on) -> on ? "on" : "off";
            case JsonString(String text) -> text;
            default -> JsonText.write(value);
        };
    }

    /** As the device tree shows it: {@code true}, {@code 96 (0x60)}, {@code "text"}. */
    static String shown(JsonValue value) {
        return switch (value) {
            case JsonNumber number
            when number.integer() != null ->
                number.integer() + " (0x" + Long.toHexString(number.integer().longValue()) + ")";
            case JsonString(String text) -> "\"" + text + "\"";
            default -> JsonText.write(value);
        };
    }
}
