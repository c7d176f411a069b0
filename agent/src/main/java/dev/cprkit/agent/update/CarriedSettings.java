package dev.cprkit.agent.update;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Gives the new program the migration capabilities and parameters that the old one had before the update: they do not
 * travel with the guest (reference/qemu-cpr.md, section 1.1).
 */
final class CarriedSettings {
    /** What an update itself is about, and what only makes sense in the process where it was set. */
    private static final Set<String> LEFT = Set.of("mode", "cpr-exec-command", "block-bitmap-mapping");

    private CarriedSettings() {}

    /** Never fails: a guest in a program with other settings is better than none. */
    static void carry(OldVm old, VmMonitor next) {
        try {
            capabilities(old.capabilities(), next);
        } catch (QmpException e) {
            return; // it does not answer, or knows the combination no more; what it has then are its own settings
        }
        try {
            parameters(old.parameters(), next);
        } catch (QmpException e) {
            // the same
        }
    }

    private static void capabilities(Map<String, Boolean> before, VmMonitor next) throws QmpException {
        Map<String, Boolean> differing = new HashMap<>();
        next.capabilities().forEach((name, on) -> {
            if (before.containsKey(name) && !before.get(name).equals(on)) {
                differing.put(name, before.get(name));
            }
        });
        if (!differing.isEmpty()) {
            next.setCapabilities(differing);
        }
    }

    private static void parameters(JsonNode before, VmMonitor next) throws QmpException {
        JsonNode now = next.parameters();
        ObjectNode differing = JsonNodeFactory.instance.objectNode();
        before.properties().forEach(parameter -> {
            String name = parameter.getKey();
            JsonNode there = now.path(name);
            if (!LEFT.contains(name)
                    && parameter.getValue().isValueNode()
                    && there.isValueNode()
                    && !there.equals(parameter.getValue())) {
                differing.set(name, parameter.getValue());
            }
        });
        if (!differing.isEmpty()) {
            next.setParameters(differing);
        }
    }
}
