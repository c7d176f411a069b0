package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.monitor.qmp.QmpArguments;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The parameter {@code block-bitmap-mapping}: under which names dirty bitmaps of disks travel. It counts only with
 * capability dirty-bitmaps, so here it is checked as QEMU checks it, kept and shown. Stateless.
 */
final class BitmapMapping {
    private static final int ALIAS_BYTES = 255;
    private static final int NAME_BYTES = 1023;

    private BitmapMapping() {}

    /** The value, if it has the mapping's JSON types. */
    static JsonArray typed(String name, JsonValue value, QmpArguments arguments) throws QmpError {
        if (!(value instanceof JsonArray nodes)) {
            throw arguments.wrongType(name, "array");
        }
        for (int i = 0; i < nodes.values().size(); i++) {
            QmpArguments node = arguments.element(name, i, nodes.values().get(i));
            node.string("node-name");
            node.string("alias");
            List<JsonValue> bitmaps = node.optionalArray("bitmaps")
                    .orElseThrow(() -> node.missing("bitmaps"))
                    .values();
            for (int j = 0; j < bitmaps.size(); j++) {
                bitmap(node.element("bitmaps", j, bitmaps.get(j)));
            }
            node.end();
        }
        return nodes;
    }

    private static void bitmap(QmpArguments bitmap) throws QmpError {
        bitmap.string("name");
        bitmap.string("alias");
        var transform = bitmap.optionalObject("transform");
        if (transform.isPresent()) {
            transform.get().optionalBool("persistent");
            transform.get().end();
        }
        bitmap.end();
    }

    /** Refuses names that are used twice or too long to travel. */
    static void check(JsonArray mapping) throws QmpError {
        Set<String> nodes = new HashSet<>();
        Set<String> aliases = new HashSet<>();
        for (JsonValue value : mapping.values()) {
            JsonObject node = (JsonObject) value;
            String name = text(node, "node-name");
            String alias = text(node, "alias");
            if (bytes(alias) > ALIAS_BYTES) {
                throw error("The node alias '" + alias + "' is longer than " + ALIAS_BYTES + " bytes");
            }
            if (!nodes.add(name)) {
                throw error("The node name '" + name + "' is mapped twice");
            }
            if (!aliases.add(alias)) {
                throw error("The node alias '" + alias + "' is used twice");
            }
            checkBitmaps(name, alias, (JsonArray) node.members().get("bitmaps"));
        }
    }

    private static void checkBitmaps(String node, String nodeAlias, JsonArray bitmaps) throws QmpError {
        Set<String> names = new HashSet<>();
        Set<String> aliases = new HashSet<>();
        for (JsonValue value : bitmaps.values()) {
            JsonObject bitmap = (JsonObject) value;
            String name = text(bitmap, "name");
            String alias = text(bitmap, "alias");
            if (bytes(name) > NAME_BYTES) {
                throw error("The bitmap name '" + name + "' is longer than " + NAME_BYTES + " bytes");
            }
            if (bytes(alias) > ALIAS_BYTES) {
                throw error("The bitmap alias '" + alias + "' is longer than " + ALIAS_BYTES + " bytes");
            }
            if (!names.add(name)) {
                throw error("The bitmap '" + node + "'/'" + name + "' is mapped twice");
            }
            if (!aliases.add(alias)) {
                throw error("The bitmap alias '" + nodeAlias + "'/'" + alias + "' is used twice");
            }
        }
    }

    private static String text(JsonObject object, String name) {
        return object.members().get(name) instanceof JsonString(String text) ? text : "";
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static QmpError error(String reason) {
        return QmpError.generic("Invalid mapping given for block-bitmap-mapping: " + reason);
    }
}
