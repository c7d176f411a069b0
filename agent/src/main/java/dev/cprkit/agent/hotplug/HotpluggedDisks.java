package dev.cprkit.agent.hotplug;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.proto.client.QmpException;
import java.util.HashSet;
import java.util.Set;

/**
 * Disks that came with {@code blockdev-add}: a format over a file. What has more below it (a backing chain, a filter, a
 * network) is not added again by guess.
 */
final class HotpluggedDisks {
    private static final Set<String> FORMATS = Set.of("raw", "qcow2");
    private static final Set<String> PROTOCOLS = Set.of("file", "host_device");

    private HotpluggedDisks() {}

    static void find(Hotplugged.Survey survey) throws QmpException {
        JsonNode nodes;
        try {
            nodes = survey.vm.execute("query-named-block-nodes", Hotplugged.Survey.object());
        } catch (QmpException.ErrorReply e) {
            return; // a program without disks
        }
        Set<String> below = new HashSet<>();
        for (JsonNode node : nodes) {
            for (JsonNode child : node.path("children")) {
                below.add(child.path("node-name").asText());
            }
        }
        for (JsonNode node : nodes) {
            String name = node.path("node-name").asText();
            if (!name.startsWith("#") && !survey.isNamed(name) && !below.contains(name)) {
                node(survey, node, name);
            }
        }
    }

    private static void node(Hotplugged.Survey survey, JsonNode node, String name) {
        String driver = node.path("drv").asText();
        String file = node.path("file").asText();
        boolean format = FORMATS.contains(driver);
        if (!format && !PROTOCOLS.contains(driver)) {
            survey.refuse("disk " + name, "a node with driver " + driver + " does not tell how it was made");
            return;
        }
        if (node.path("backing_file_depth").asInt() > 0
                || node.path("encrypted").asBoolean()
                || !file.startsWith("/")) {
            survey.refuse("disk " + name, "it is more than a format over a file");
            return;
        }
        ObjectNode bottom = Hotplugged.Survey.object()
                .put("driver", format ? "file" : driver)
                .put("filename", file);
        ObjectNode arguments = format ? Hotplugged.Survey.object().put("driver", driver) : bottom;
        arguments.put("node-name", name).put("read-only", node.path("ro").asBoolean());
        JsonNode cache = node.path("cache");
        arguments
                .putObject("cache")
                .put("direct", cache.path("direct").asBoolean())
                .put("no-flush", cache.path("no-flush").asBoolean());
        if (format) {
            arguments.set("file", bottom);
        }
        survey.add("disk " + name, "blockdev-add", arguments);
    }
}
