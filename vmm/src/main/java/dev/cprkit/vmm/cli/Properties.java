package dev.cprkit.vmm.cli;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What one option says: names and values, whether they were written as {@code key=value,...} or as JSON. Members of
 * members are kept flat, under dotted names ({@code addr.path}, {@code addr.args.0}).
 *
 * <p>Each {@code take} removes what it returns, so that {@link #end} can refuse what nobody asked for. A name that is
 * given twice has its last value. Not safe for use by several threads.
 */
final class Properties {
    private final String where;
    private final boolean json;
    private final boolean strict;
    private final Map<String, JsonValue> values = new LinkedHashMap<>();
    private final Set<String> emptyObjects = new HashSet<>();
    private boolean helpWanted;

    private Properties(String where, boolean json, boolean strict) {
        this.where = where;
        this.json = json;
        this.strict = strict;
    }

    /** No properties; errors are about {@code where}, the option as it was typed, or empty for none in particular. */
    static Properties none(String where) {
        return new Properties(where, false, true);
    }

    /**
     * The older of QEMU's two syntaxes: a name alone is a flag, {@code NAME} or {@code noNAME}.
     *
     * @param implied the name of a first value that has none; empty if there is no such
     */
    static Properties flags(String where, String text, String implied, List<String> warnings)
            throws CommandLineException {
        Properties properties = new Properties(where, false, false);
        properties.split(text, implied, warnings);
        return properties;
    }

    /** The newer of QEMU's two syntaxes: every name but an implied first one needs a value. */
    static Properties keyval(String where, String text, String implied) throws CommandLineException {
        Properties properties = new Properties(where, false, true);
        properties.split(text, implied, List.of());
        return properties;
    }

    /** A JSON object. */
    static Properties json(String where, String text) throws CommandLineException {
        Properties properties = new Properties(where, true, true);
        properties.flatten("", JsonArgument.object(where, text));
        return properties;
    }

    /** The arguments of a QMP command, which are about no option. */
    static Properties arguments(JsonObject object) {
        Properties properties = new Properties("", true, true);
        properties.flatten("", object);
        return properties;
    }

    private void split(String text, String implied, List<String> warnings) throws CommandLineException {
        int at = 0;
        boolean first = true;
        while (at < text.length()) {
            StringBuilder token = new StringBuilder();
            int equals = -1;
            for (; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == ',') {
                    // A doubled comma stands for itself, in values only: a name cannot contain one.
                    if (at + 1 < text.length() && text.charAt(at + 1) == ',') {
                        at++;
                    } else {
                        break;
                    }
                } else if (c == '=' && equals < 0) {
                    equals = token.length();
                }
                token.append(c);
            }
            at++;
            put(token.toString(), equals, first ? implied : "", warnings);
            first = false;
        }
    }

    private void put(String token, int equals, String implied, List<String> warnings) throws CommandLineException {
        if (equals >= 0) {
            String name = token.substring(0, equals);
            helpWanted |= name.equals("help");
            values.put(name, new JsonString(token.substring(equals + 1)));
        } else if (!implied.isEmpty()) {
            helpWanted |= isHelp(token);
            values.put(implied, new JsonString(token));
        } else if (isHelp(token)) {
            helpWanted = true;
        } else if (strict) {
            throw error("Expected '=' after parameter '" + token + "'");
        } else {
            boolean off = token.startsWith("no") && token.length() > 2;
            String name = off ? token.substring(2) : token;
            values.put(name, new JsonString(off ? "off" : "on"));
            warnings.add(where + ": warning: short-form boolean option '" + token + "' deprecated, use " + name
                    + (off ? "=off" : "=on") + " instead");
        }
    }

    private static boolean isHelp(String token) {
        return token.equals("help") || token.equals("?");
    }

    private void flatten(String prefix, JsonValue value) {
        switch (value) {
            case JsonObject object -> {
                if (object.members().isEmpty()) {
                    emptyObjects.add(prefix);
                }
                for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
                    flatten(prefix.isEmpty() ? member.getKey() : prefix + "." + member.getKey(), member.getValue());
                }
            }
            case JsonArray array -> {
                for (int i = 0; i < array.values().size(); i++) {
                    flatten(prefix + "." + i, array.values().get(i));
                }
            }
            case JsonString s -> values.put(prefix, s);
            case JsonNumber n -> values.put(prefix, n);
            case JsonBool b -> values.put(prefix, b);
            case JsonValue.JsonNull n -> values.put(prefix, n);
        }
    }

    /** The option as it was typed. */
    String where() {
        return where;
    }

    /** Whether {@code help} stands where a name or an implied first value is expected. */
    boolean wantsHelp() {
        return helpWanted;
    }

    /** Whether these properties were written as JSON. */
    boolean isJson() {
        return json;
    }

    /** Adds these properties to others of the same option that came before, whose values they replace. */
    void addTo(Properties earlier) {
        earlier.values.putAll(values);
    }

    /** Sets a property, in place of an earlier value. */
    void set(String name, String value) {
        values.put(name, new JsonString(value));
    }

    /** The names that nobody has taken yet, in order. */
    List<String> names() {
        return List.copyOf(values.keySet());
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /** Whether there is a member of that member, or it is an object without any. */
    boolean hasUnder(String name) {
        for (String key : values.keySet()) {
            if (key.startsWith(name + ".")) {
                return true;
            }
        }
        return emptyObjects.contains(name);
    }

    /** A string. */
    Optional<String> take(String name) throws CommandLineException {
        JsonValue value = values.remove(name);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof JsonString s) {
            return Optional.of(s.value());
        }
        throw error("Invalid parameter type for '" + name + "', expected: string");
    }

    /** A string that must be there. */
    String require(String name) throws CommandLineException {
        Optional<String> value = take(name);
        if (value.isEmpty()) {
            throw error("Parameter '" + name + "' is missing");
        }
        return value.get();
    }

    /** A truth value: on, yes, true, y, or off, no, false, n; in JSON true or false. */
    Optional<Boolean> takeFlag(String name) throws CommandLineException {
        JsonValue value = values.remove(name);
        if (value == null) {
            return Optional.empty();
        }
        if (json) {
            if (value instanceof JsonBool b) {
                return Optional.of(b.value());
            }
            throw error("Invalid parameter type for '" + name + "', expected: boolean");
        }
        return Optional.of(
                switch (text(value)) {
                    case "on", "yes", "true", "y" -> true;
                    case "off", "no", "false", "n" -> false;
                    default -> throw error("Parameter '" + name + "' expects 'on' or 'off'");
                });
    }

    boolean takeFlag(String name, boolean otherwise) throws CommandLineException {
        return takeFlag(name).orElse(otherwise);
    }

    /** A size in bytes, 0 to 2^63 - 1. */
    OptionalLong takeSize(String name) throws CommandLineException {
        JsonValue value = values.get(name);
        if (value == null || json) {
            return takeNumber(name);
        }
        values.remove(name);
        String text = text(value);
        try {
            return OptionalLong.of(Sizes.parse(text, 0));
        } catch (NumberFormatException e) {
            throw error("Parameter '" + name + "' expects a size value, a number with an optional suffix"
                    + " k, M, G, T, P or E, not '" + text + "'");
        } catch (ArithmeticException e) {
            throw error("Value '" + text + "' is out of range for parameter '" + name + "'");
        }
    }

    /** A number, 0 to 2^63 - 1; in text also hexadecimal after 0x. */
    OptionalLong takeNumber(String name) throws CommandLineException {
        JsonValue value = values.remove(name);
        if (value == null) {
            return OptionalLong.empty();
        }
        if (json) {
            if (value instanceof JsonNumber n
                    && n.integer() != null
                    && n.integer().signum() >= 0) {
                if (n.integer().bitLength() > 63) {
                    throw error("Value '" + n.integer() + "' is out of range for parameter '" + name + "'");
                }
                return OptionalLong.of(n.integer().longValue());
            }
            throw error("Parameter '" + name + "' expects uint64");
        }
        String text = text(value);
        try {
            return OptionalLong.of(Sizes.integer(text));
        } catch (NumberFormatException e) {
            throw error("Parameter '" + name + "' expects integer");
        } catch (ArithmeticException e) {
            throw error("Value '" + text + "' is out of range for parameter '" + name + "'");
        }
    }

    private static String text(JsonValue value) {
        return value instanceof JsonString s ? s.value() : "";
    }

    /** A list of strings: {@code NAME.0}, {@code NAME.1} and so on. */
    List<String> takeList(String name) throws CommandLineException {
        List<String> list = new ArrayList<>();
        for (int i = 0; ; i++) {
            Optional<String> element = take(name + "." + i);
            if (element.isEmpty()) {
                return list;
            }
            list.add(element.get());
        }
    }

    /** The object's id, which is a letter and then letters, digits, '-', '.' and '_'. */
    Optional<String> takeId() throws CommandLineException {
        Optional<String> id = take("id");
        if (id.isPresent() && !isIdentifier(id.get())) {
            throw error("Parameter 'id' expects an identifier, a letter and then letters, digits, '-', '.' and '_'");
        }
        return id;
    }

    /** Whether a text can be an object's id. */
    static boolean isIdentifier(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            boolean other = (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
            if (!letter && (i == 0 || !other)) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** Refuses what nobody has taken. */
    void end() throws CommandLineException {
        if (!values.isEmpty()) {
            String name = values.keySet().iterator().next();
            throw error(strict ? "Parameter '" + name + "' is unexpected" : "Invalid parameter '" + name + "'");
        }
    }

    /** An error about this option. */
    CommandLineException error(String message) {
        return new CommandLineException(where.isEmpty() ? message : where + ": " + message);
    }
}
