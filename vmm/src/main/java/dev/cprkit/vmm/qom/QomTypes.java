package dev.cprkit.vmm.qom;

import dev.cprkit.proto.json.JsonParseException;
import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All types of objects, read from {@code types.qom} when somebody first asks. Immutable then; any thread. */
public final class QomTypes {
    private static final class Loaded {
        static final Map<String, QomType> TYPES = read();
    }

    private QomTypes() {}

    /** Every type, ancestors first. */
    public static Collection<QomType> all() {
        return Loaded.TYPES.values();
    }

    /** The type of that name. */
    public static Optional<QomType> find(String name) {
        return Optional.ofNullable(Loaded.TYPES.get(name));
    }

    /** The type of that name, which is known to exist. */
    public static QomType get(String name) {
        return find(name).orElseThrow(() -> new IllegalArgumentException("there is no type " + name));
    }

    private static Map<String, QomType> read() {
        Map<String, QomType> types = new LinkedHashMap<>();
        List<QomType.Property> properties = new ArrayList<>();
        for (String line : text().split("\n", -1)) {
            if (line.startsWith(" ")) {
                properties.add(property(line.strip()));
            } else if (!line.isBlank() && !line.startsWith("#")) {
                properties = new ArrayList<>();
                QomType type = type(line, types, properties);
                types.put(type.name(), type);
            }
        }
        return Collections.unmodifiableMap(types);
    }

    private static QomType type(String line, Map<String, QomType> types, List<QomType.Property> properties) {
        String[] words = line.split(" ", -1);
        boolean isAbstract = false;
        boolean pluggable = false;
        Optional<QomType> parent = Optional.empty();
        for (int i = 1; i < words.length; i++) {
            switch (words[i]) {
                case "abstract" -> isAbstract = true;
                case "pluggable" -> pluggable = true;
                default -> parent = Optional.of(types.get(words[i]));
            }
        }
        return new QomType(words[0], parent, isAbstract, pluggable, Collections.unmodifiableList(properties));
    }

    private static QomType.Property property(String line) {
        String[] words = line.split(" ", 3);
        String rest = words.length > 2 ? words[2] : "";
        Optional<JsonValue> initial = Optional.empty();
        if (rest.startsWith("=")) {
            int end = rest.indexOf(' ');
            initial = Optional.of(value(end < 0 ? rest.substring(1) : rest.substring(1, end)));
            rest = end < 0 ? "" : rest.substring(end + 1);
        }
        return new QomType.Property(words[0], words[1], rest.isEmpty() ? Optional.empty() : Optional.of(rest), initial);
    }

    private static JsonValue value(String text) {
        try {
            return JsonText.parse(text);
        } catch (JsonParseException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static String text() {
        try (InputStream in = QomTypes.class.getResourceAsStream("types.qom")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
