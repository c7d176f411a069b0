package dev.cprkit.agent.monitor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.proto.client.QmpException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A VM's migration capabilities and parameters, the mode among them, as they were before anything was done to it. They do
 * not travel with the guest (reference/qemu-cpr.md, section 1.1), so the next program is given them.
 *
 * @param parameters by name; only those with one value, not lists
 */
public record MigrationSettings(Map<String, Boolean> capabilities, ObjectNode parameters) {
    /** Nothing is known, and nothing is given. */
    public static final MigrationSettings NONE = new MigrationSettings(Map.of(), JsonNodeFactory.instance.objectNode());

    private static final String MODE = "mode";
    private static final String CAPABILITIES = "capabilities";
    private static final String PARAMETERS = "parameters";

    /** What only makes sense in the process where it was set. */
    private static final Set<String> LEFT = Set.of("cpr-exec-command", "block-bitmap-mapping");

    public MigrationSettings {
        capabilities = Map.copyOf(capabilities);
    }

    /** From what a program answers to {@code query-migrate-parameters}. */
    public static MigrationSettings of(Map<String, Boolean> capabilities, JsonNode parameters) {
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        parameters.properties().forEach(one -> {
            if (one.getValue().isValueNode() && !LEFT.contains(one.getKey())) {
                kept.set(one.getKey(), one.getValue());
            }
        });
        return new MigrationSettings(capabilities, kept);
    }

    /** The same, as {@link #json} wrote it; what is missing is not given. */
    public static MigrationSettings of(JsonNode json) {
        Map<String, Boolean> capabilities = new HashMap<>();
        json.path(CAPABILITIES)
                .properties()
                .forEach(one -> capabilities.put(one.getKey(), one.getValue().asBoolean()));
        return of(capabilities, json.path(PARAMETERS));
    }

    /** For a file. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        capabilities.forEach(json.putObject(CAPABILITIES)::put);
        json.set(PARAMETERS, parameters);
        return json;
    }

    /** Gives them to the next program. Never fails: a guest in a program with other settings is better than none. */
    public void carryTo(VmMonitor next) {
        try {
            carryCapabilities(next);
            carryParameters(next);
        } catch (QmpException e) {
            return; // it does not answer, or knows the combination no more; what it has then are its own settings
        }
        try {
            carryMode(next);
        } catch (QmpException e) {
            // It has no such mode.
        }
    }

    private void carryCapabilities(VmMonitor next) throws QmpException {
        Map<String, Boolean> differing = new HashMap<>();
        next.capabilities().forEach((name, on) -> {
            if (capabilities.containsKey(name) && !capabilities.get(name).equals(on)) {
                differing.put(name, capabilities.get(name));
            }
        });
        if (!differing.isEmpty()) {
            next.setCapabilities(differing);
        }
    }

    private void carryParameters(VmMonitor next) throws QmpException {
        JsonNode now = next.parameters();
        ObjectNode differing = JsonNodeFactory.instance.objectNode();
        parameters.properties().forEach(parameter -> {
            JsonNode there = now.path(parameter.getKey());
            if (!parameter.getKey().equals(MODE)
                    && there.isValueNode()
                    && !there.asText().equals(parameter.getValue().asText())) {
                differing.set(parameter.getKey(), parameter.getValue());
            }
        });
        if (!differing.isEmpty()) {
            next.setParameters(differing);
        }
    }

    private void carryMode(VmMonitor next) throws QmpException {
        String mode = parameters.path(MODE).asText();
        if (!mode.isEmpty() && !mode.equals(next.mode())) {
            next.setMode(mode);
        }
    }
}
