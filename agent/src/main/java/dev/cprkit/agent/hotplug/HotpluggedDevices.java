package dev.cprkit.agent.hotplug;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.proto.client.QmpException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Devices that came with {@code device_add}: those in {@code /machine/peripheral} that say so. */
final class HotpluggedDevices {
    private static final String CONTAINER = "/machine/peripheral";
    private static final String WITHOUT_ID = "/machine/peripheral-anon";
    private static final String LINK = "link<";

    /** Types whose value is one JSON scalar that device_add takes back. */
    private static final Set<String> SCALARS = Set.of(
            "str",
            "string",
            "bool",
            "boolean",
            "int",
            "int8",
            "int16",
            "int32",
            "int64",
            "uint8",
            "uint16",
            "uint32",
            "uint64",
            "size",
            "OnOffAuto",
            "on/off",
            "on/off/auto");

    private HotpluggedDevices() {}

    static void find(Hotplugged.Survey survey) throws QmpException {
        for (JsonNode child : list(survey, CONTAINER)) {
            String id = child.path("name").asText();
            String path = CONTAINER + "/" + id;
            if (isDevice(child) && isHotplugged(survey, path)) {
                device(survey, id, path);
            }
        }
        for (JsonNode child : list(survey, WITHOUT_ID)) {
            String path = WITHOUT_ID + "/" + child.path("name").asText();
            if (isDevice(child) && isHotplugged(survey, path)) {
                survey.refuse("device " + path, "it has no id");
            }
        }
    }

    private static boolean isDevice(JsonNode child) {
        return child.path("type").asText().startsWith("child<");
    }

    private static boolean isHotplugged(Hotplugged.Survey survey, String path) throws QmpException {
        try {
            return get(survey, path, "hotplugged").asBoolean();
        } catch (QmpException.ErrorReply e) {
            return false; // not a device
        }
    }

    private static void device(Hotplugged.Survey survey, String id, String path) throws QmpException {
        String type = get(survey, path, "type").asText();
        Map<String, JsonNode> declared = declared(survey, type);
        ObjectNode arguments = Hotplugged.Survey.object().put("driver", type).put("id", id);
        for (JsonNode property : list(survey, path)) {
            String name = property.path("name").asText();
            if (name.equals("parent_bus")) {
                arguments.put("bus", last(get(survey, path, name).asText()));
            } else if (declared.containsKey(name)) {
                property(survey, path, property, declared.get(name), arguments);
            }
        }
        survey.add("device " + id, "device_add", arguments);
    }

    /** From the name of each property that can be set to its declaration. */
    private static Map<String, JsonNode> declared(Hotplugged.Survey survey, String type) throws QmpException {
        Map<String, JsonNode> declared = new HashMap<>();
        for (JsonNode property : survey.vm.execute(
                "device-list-properties", Hotplugged.Survey.object().put("typename", type))) {
            declared.put(property.path("name").asText(), property);
        }
        return declared;
    }

    private static void property(
            Hotplugged.Survey survey, String path, JsonNode property, JsonNode declaration, ObjectNode arguments)
            throws QmpException {
        String name = property.path("name").asText();
        String type = property.path("type").asText();
        boolean link = type.startsWith(LINK);
        if (!link && !SCALARS.contains(type)) {
            return; // what the device computes, or a list that is empty where nobody set it
        }
        JsonNode value;
        try {
            value = get(survey, path, name);
        } catch (QmpException.ErrorReply e) {
            return; // a name of the past that can only be written
        }
        boolean empty = value.isTextual() && value.asText().isEmpty();
        if (empty || value.isContainerNode() || value.equals(declaration.get("default-value"))) {
            return;
        }
        if (link) {
            arguments.put(name, last(value.asText()));
        } else {
            arguments.set(name, value);
        }
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    static JsonNode get(Hotplugged.Survey survey, String path, String property) throws QmpException {
        return survey.vm.execute(
                "qom-get", Hotplugged.Survey.object().put("path", path).put("property", property));
    }

    /** What a container has; nothing, if there is no such container. */
    static JsonNode list(Hotplugged.Survey survey, String path) throws QmpException {
        try {
            return survey.vm.execute("qom-list", Hotplugged.Survey.object().put("path", path));
        } catch (QmpException.ErrorReply e) {
            return Hotplugged.Survey.object();
        }
    }
}
