package dev.cprkit.agent.hotplug;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.proto.client.QmpException;

/** A VM's monitor. */
@FunctionalInterface
public interface Qmp {
    /** Executes one command. */
    JsonNode execute(String command, ObjectNode arguments) throws QmpException;
}
