package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.qom.QomException;
import dev.cprkit.vmm.qom.QomNode;
import dev.cprkit.vmm.qom.QomTree;
import dev.cprkit.vmm.qom.QomType;
import dev.cprkit.vmm.qom.QomTypes;
import java.util.Optional;

/**
 * The tree of objects and their types: qom-list, qom-get, qom-set, qom-list-get, qom-list-types, qom-list-properties,
 * device-list-properties. Clients ask them what there is before they ask for it.
 */
public final class QomCommands {
    private static final String NOT_FOUND = "DeviceNotFound";

    private final QomTree tree;

    public QomCommands(QomTree tree) {
        this.tree = tree;
    }

    /** Adds the commands. */
    public void register(QmpRegistry registry) {
        registry.add("qom-list", this::list);
        registry.add("qom-get", this::get);
        registry.add("qom-set", this::set);
        registry.add("qom-list-get", this::listGet);
        registry.add("qom-list-types", QomCommands::listTypes);
        registry.add("qom-list-properties", QomCommands::listProperties);
        registry.add("device-list-properties", QomCommands::deviceListProperties);
    }

    private JsonValue list(QmpArguments arguments) throws QmpError {
        JsonArray list = new JsonArray();
        for (QomNode.Property property : find(arguments.string("path")).properties()) {
            list.add(new JsonObject().put("name", property.name()).put("type", property.type()));
        }
        return list;
    }

    private JsonValue get(QmpArguments arguments) throws QmpError {
        try {
            return tree.get(arguments.string("path"), arguments.string("property"));
        } catch (QomException e) {
            throw error(e);
        }
    }

    private JsonValue set(QmpArguments arguments) throws QmpError {
        try {
            find(arguments.string("path"))
                    .set(arguments.string("property"), arguments.any("value").orElseThrow());
            return new JsonObject();
        } catch (QomException e) {
            throw error(e);
        }
    }

    private JsonValue listGet(QmpArguments arguments) throws QmpError {
        JsonArray objects = new JsonArray();
        for (JsonValue path : arguments.optionalArray("paths").orElseThrow().values()) {
            if (path instanceof JsonString(String text)) {
                objects.add(new JsonObject().put("properties", values(find(text))));
            }
        }
        return objects;
    }

    private JsonArray values(QomNode node) {
        JsonArray properties = new JsonArray();
        for (QomNode.Property property : node.properties()) {
            JsonObject entry = new JsonObject().put("name", property.name()).put("type", property.type());
            node.value(property.name()).ifPresent(value -> entry.put("value", value));
            properties.add(entry);
        }
        return properties;
    }

    private QomNode find(String path) throws QmpError {
        try {
            return tree.find(path);
        } catch (QomException e) {
            throw error(e);
        }
    }

    private static QmpError error(QomException e) {
        return e.isNotFound() ? new QmpError(NOT_FOUND, e.getMessage()) : QmpError.generic(e.getMessage());
    }

    private static JsonValue listTypes(QmpArguments arguments) throws QmpError {
        Optional<String> implemented = arguments.optionalString("implements");
        boolean withAbstract = arguments.optionalBool("abstract").orElse(false);
        JsonArray result = new JsonArray();
        for (QomType type : QomTypes.all()) {
            if ((withAbstract || !type.isAbstract()) && (implemented.isEmpty() || type.is(implemented.get()))) {
                JsonObject entry = new JsonObject().put("name", type.name());
                if (type.isAbstract()) {
                    entry.put("abstract", true);
                }
                type.parent().ifPresent(parent -> entry.put("parent", parent.name()));
                result.add(entry);
            }
        }
        return result;
    }

    private static JsonValue listProperties(QmpArguments arguments) throws QmpError {
        String name = arguments.string("typename");
        QomType type = QomTypes.find(name).orElseThrow(() -> new QmpError(NOT_FOUND, "Class '" + name + "' not found"));
        JsonArray list = new JsonArray();
        describe(type, "", list);
        return list;
    }

    /** What a user can set when making such a device: not what every device has. */
    private static JsonValue deviceListProperties(QmpArguments arguments) throws QmpError {
        String name = arguments.string("typename");
        QomType type =
                QomTypes.find(name).orElseThrow(() -> new QmpError(NOT_FOUND, "Device '" + name + "' not found"));
        if (!type.is("device") || type.isAbstract()) {
            throw QmpError.generic("Parameter 'typename' expects a non-abstract device type");
        }
        JsonArray list = new JsonArray();
        describe(type, "device", list);
        return list;
    }

    /** The type's properties, those of its ancestors first, up to but without {@code end}. */
    private static void describe(QomType type, String end, JsonArray list) {
        if (type.name().equals(end)) {
            return;
        }
        if (type.parent().isPresent()) {
            describe(type.parent().get(), end, list);
        }
        for (QomType.Property property : type.properties()) {
            JsonObject entry = new JsonObject().put("name", property.name());
            property.description().ifPresent(text -> entry.put("description", text));
            entry.put("type", property.type());
            property.initial().ifPresent(value -> entry.put("default-value", value));
            list.add(entry);
        }
    }
}
