package dev.cprkit.agent.check;

import java.util.ArrayList;
import java.util.List;

/** The TCP and UDP ports that an option makes the VM listen on. */
final class Ports {
    private Ports() {}

    /** Whether it names ports, and each of them is 0, which lets the host choose. */
    static boolean allZero(String option) {
        List<String> ports = ports(option);
        return !ports.isEmpty() && ports.stream().allMatch("0"::equals);
    }

    private static List<String> ports(String option) {
        List<String> ports = new ArrayList<>();
        for (String part : option.split("[ ,]")) {
            String text = part;
            if (text.startsWith("hostfwd=")) { // hostfwd=PROTOCOL:HOST:PORT-GUEST:PORT
                int dash = text.indexOf('-');
                text = dash < 0 ? text : text.substring(0, dash);
                ports.add(afterColon(text));
            } else if (text.startsWith("port=")) {
                ports.add(text.substring("port=".length()));
            } else if (text.startsWith("listen=") || isAddress(text)) {
                ports.add(afterColon(text));
            }
        }
        return ports;
    }

    private static boolean isAddress(String text) {
        return text.startsWith("tcp:") || text.startsWith("telnet:") || text.startsWith("websocket:");
    }

    private static String afterColon(String text) {
        return text.substring(text.lastIndexOf(':') + 1);
    }
}
