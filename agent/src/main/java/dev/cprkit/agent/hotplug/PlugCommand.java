package dev.cprkit.agent.hotplug;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A QMP command that adds something.
 *
 * @param subject what it adds, for people: {@code device net1}
 */
public record PlugCommand(String subject, String command, ObjectNode arguments) {}
