package dev.cprkit.vmm.qom;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One object of the tree: its type, the values of its properties and the objects below it. Values and children may be
 * asked for anew each time, so the tree shows what is and not what was. Main loop's thread with the machine lock held.
 */
public final class QomNode {
    private final QomType type;
    private final Map<String, Supplier<JsonValue>> values = new LinkedHashMap<>();
    private final Map<String, Setter> setters = new LinkedHashMap<>();
    private final Map<String, QomNode> fixed = new LinkedHashMap<>();
    private Supplier<Map<String, QomNode>> more = Map::of;

    /** Changes a property. */
    @FunctionalInterface
    public interface Setter {
        /** Takes the new value, of whatever JSON type it is. */
        void set(JsonValue value) throws QomException;
    }

    /** A property of a node: a value, or an object below it ({@code child<TYPE>}). */
    public record Property(String name, String type) {}

    /** An object of that type without any properties yet. */
    public QomNode(String type) {
        this.type = QomTypes.get(type);
        put("type", new JsonString(type));
    }

    /** Adds the value of a property that its type has. */
    public QomNode put(String name, Supplier<JsonValue> value) {
        if (type.property(name).isEmpty()) {
            throw new IllegalArgumentException(type.name() + " has no property " + name);
        }
        values.put(name, value);
        return this;
    }

    /** Adds a value that never changes. */
    public QomNode put(String name, JsonValue value) {
        return put(name, () -> value);
    }

    /** Says how a property is changed; without it, it cannot be written. */
    public QomNode onSet(String name, Setter setter) {
        setters.put(name, setter);
        return this;
    }

    /** Adds an object below this one. */
    public QomNode child(String name, QomNode node) {
        fixed.put(name, node);
        return this;
    }

    /** Adds objects below this one that come and go. */
    public QomNode children(Supplier<Map<String, QomNode>> supplier) {
        more = supplier;
        return this;
    }

    public QomType type() {
        return type;
    }

    /** The objects below it, by name. */
    public Map<String, QomNode> children() {
        Map<String, QomNode> all = new LinkedHashMap<>(fixed);
        all.putAll(more.get());
        return all;
    }

    /** Its properties: those with values in the order of its type, then the objects below it. */
    public List<Property> properties() {
        List<Property> list = new ArrayList<>();
        for (String name : values.keySet()) {
            list.add(new Property(name, type.property(name).orElseThrow().type()));
        }
        for (Map.Entry<String, QomNode> child : children().entrySet()) {
            list.add(new Property(
                    child.getKey(), "child<" + child.getValue().type().name() + ">"));
        }
        return list;
    }

    /** The value of a property that is not an object below it. */
    public Optional<JsonValue> value(String name) {
        return Optional.ofNullable(values.get(name)).map(Supplier::get);
    }

    /** Changes a property. */
    public void set(String name, JsonValue value) throws QomException {
        if (!values.containsKey(name) && !children().containsKey(name)) {
            throw noSuchProperty(name);
        }
        Setter setter = setters.get(name);
        if (setter == null) {
            throw QomException.of("Property '" + type.name() + "." + name + "' is not writable");
        }
        setter.set(value);
    }

    QomException noSuchProperty(String name) {
        return QomException.of("Property '" + type.name() + "." + name + "' not found");
    }
}
