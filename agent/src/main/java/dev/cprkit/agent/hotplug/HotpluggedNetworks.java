package dev.cprkit.agent.hotplug;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.proto.client.QmpException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Networks that came with {@code netdev_add}. No QMP command lists them, so this reads {@code info network} of the human
 * monitor, whose lines are {@code ID: index=0,type=user,net=10.0.2.0,restrict=off}, or the same after
 * {@code hub0port1: }. What has no id has one that begins with {@code #}, and came with the command line.
 */
final class HotpluggedNetworks {
    /** What a user-mode network has if nobody says otherwise, which is all that its line tells. */
    private static final Map<String, String> PLAIN_USER = Map.of("net", "10.0.2.0", "restrict", "off");

    private HotpluggedNetworks() {}

    static void find(Hotplugged.Survey survey) throws QmpException {
        String text;
        try {
            text = survey.vm
                    .execute("human-monitor-command", Hotplugged.Survey.object().put("command-line", "info network"))
                    .asText();
        } catch (QmpException.ErrorReply e) {
            return; // a program without networks
        }
        for (String line : text.split("\r?\n", -1)) {
            // In a hub, as -net makes one, what it is comes after the port that it has there.
            int colon = line.indexOf(": index=");
            if (colon > 0) {
                int port = line.lastIndexOf(' ', colon - 1);
                network(survey, line.substring(port + 1, colon), values(line.substring(colon + 2)));
            }
        }
    }

    private static void network(Hotplugged.Survey survey, String id, Map<String, String> values) throws QmpException {
        String type = values.getOrDefault("type", "");
        if (type.isEmpty()
                || type.equals("nic")
                || type.equals("hubport")
                || survey.isNamed(id)
                || id.startsWith("#")) {
            return;
        }
        boolean plain = type.equals("user")
                && PLAIN_USER.entrySet().stream()
                        .allMatch(entry -> entry.getValue().equals(values.get(entry.getKey())));
        if (!plain || forwards(survey, id)) {
            survey.refuse("network " + id, "a network of type " + type + " does not tell all of how it was made");
            return;
        }
        ObjectNode arguments = Hotplugged.Survey.object().put("type", type).put("id", id);
        survey.add("network " + id, "netdev_add", arguments);
    }

    /** Whether ports of the host are forwarded by it: {@code TCP[HOST_FORWARD]} in its part of {@code info usernet}. */
    private static boolean forwards(Hotplugged.Survey survey, String id) throws QmpException {
        String text = survey.vm
                .execute("human-monitor-command", Hotplugged.Survey.object().put("command-line", "info usernet"))
                .asText();
        boolean inside = false;
        for (String line : text.split("\r?\n", -1)) {
            if (!line.startsWith(" ")) {
                inside = line.contains("(" + id + ")");
            } else if (inside && line.contains("[HOST_FORWARD]")) {
                return true;
            }
        }
        return false;
    }

    private static Map<String, String> values(String text) {
        Map<String, String> values = new HashMap<>();
        Arrays.stream(text.split(",", -1)).forEach(part -> {
            int equals = part.indexOf('=');
            if (equals > 0) {
                values.put(part.substring(0, equals), part.substring(equals + 1));
            }
        });
        return values;
    }
}
