package dev.cprkit.agent.hotplug;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.proto.client.QmpException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Objects that came with {@code object-add}, of the kinds of which all that matters can be read back. A memory backend
 * finds its memory among what the old process hands over.
 */
final class HotpluggedObjects {
    private static final String CONTAINER = "/objects";
    private static final List<String> MEMORY = List.of("size", "share", "merge", "dump");

    /** What is read and set for each type; a type that is not here cannot be added again. */
    private static final Map<String, List<String>> PROPERTIES = Map.of(
            "memory-backend-memfd", List.of("size", "share", "merge", "dump", "hugetlb", "seal"),
            "memory-backend-shm", List.of("size", "merge", "dump"),
            "memory-backend-ram", MEMORY,
            "memory-backend-file", List.of("size", "share", "merge", "dump", "mem-path", "align", "readonly"),
            "rng-random", List.of("filename"),
            "rng-builtin", List.of(),
            "iothread", List.of("poll-max-ns", "poll-grow", "poll-shrink"));

    /** Objects that every process makes by itself. */
    private static final List<String> IMPLICIT = List.of("monitor-qmp", "monitor-hmp");

    private HotpluggedObjects() {}

    static void find(Hotplugged.Survey survey) throws QmpException {
        for (JsonNode child : HotpluggedDevices.list(survey, CONTAINER)) {
            String kind = child.path("type").asText();
            String id = child.path("name").asText();
            if (!kind.startsWith("child<") || survey.isNamed(id) || isImplicit(kind, id)) {
                continue;
            }
            String type = kind.substring("child<".length(), kind.length() - 1);
            if (PROPERTIES.containsKey(type)) {
                object(survey, id, type);
            } else {
                survey.refuse("object " + id, "objects of type " + type + " do not tell how they were made");
            }
        }
    }

    /** RAM that the machine makes for a plain -m is in the container under the board's name for it. */
    private static boolean isImplicit(String kind, String id) {
        return IMPLICIT.stream().anyMatch(kind::contains) || id.contains(".");
    }

    private static void object(Hotplugged.Survey survey, String id, String type) throws QmpException {
        ObjectNode arguments = Hotplugged.Survey.object().put("qom-type", type).put("id", id);
        for (String property : PROPERTIES.get(type)) {
            read(survey, id, property).ifPresent(value -> arguments.set(property, value));
        }
        survey.add("object " + id, "object-add", arguments);
    }

    /** Empty if this version has no such property. */
    private static Optional<JsonNode> read(Hotplugged.Survey survey, String id, String property) throws QmpException {
        try {
            return Optional.of(HotpluggedDevices.get(survey, CONTAINER + "/" + id, property));
        } catch (QmpException.ErrorReply e) {
            return Optional.empty();
        }
    }
}
