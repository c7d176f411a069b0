package dev.cprkit.agent.hotplug;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A QMP command that adds something.
 *
 * @param subject what it adds, for people: {@code device net1}
 */
public record PlugCommand(String subject, String command, ObjectNode arguments) {
    /** For a file. */
    public static ArrayNode json(List<PlugCommand> commands) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (PlugCommand one : commands) {
            array.addObject()
                    .put("subject", one.subject())
                    .put("command", one.command())
                    .set("arguments", one.arguments());
        }
        return array;
    }

    /**
     * The same again.
     *
     * @throws IOException if it is something else; the message is a sentence
     */
    public static List<PlugCommand> of(JsonNode array) throws IOException {
        List<PlugCommand> commands = new ArrayList<>();
        for (JsonNode one : array) {
            if (!one.path("command").isTextual() || !(one.path("arguments") instanceof ObjectNode arguments)) {
                throw new IOException("it has a command without a name or without arguments");
            }
            commands.add(new PlugCommand(
                    one.path("subject").asText(), one.path("command").asText(), arguments));
        }
        return commands;
    }
}
