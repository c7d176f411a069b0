package dev.cprkit.agent.argv;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.argv.PathMove.Kind;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.Finding.Code;
import java.util.List;
import java.util.Optional;

/**
 * What the host's end of a serial line or a monitor looks like on the new command line.
 *
 * <p>A unix socket that the old process listens on gets the next generation's path and never waits for a client; a file
 * is appended to, because opening it anew would empty the log that the old process is still writing; a TCP port cannot
 * be listened on twice. Everything else stays.
 */
final class ChardevRewrite {
    private static final JsonMapper JSON = new JsonMapper();

    private final RewriteNotes notes;

    ChardevRewrite(RewriteNotes notes) {
        this.notes = notes;
    }

    /** The value of {@code -chardev}. */
    String chardev(String text) {
        if (text.startsWith("{")) {
            return json(text);
        }
        OptionList options = OptionList.parse(text, "backend");
        String id = options.get("id").orElse("chardev");
        OptionList next = options.get("logfile").isPresent() ? options.with("logappend", "on") : options;
        return switch (options.get("backend").orElse("")) {
            case "socket" -> socket(id, next, text).format();
            case "file" -> next.with("append", "on").format();
            default -> next.format();
        };
    }

    /** The value of {@code -serial}, {@code -qmp}, {@code -monitor}, …: what takes its place, often a single option. */
    List<QemuOption> device(QemuOption option) {
        String text = option.value().orElse("");
        String prefix = text.startsWith("mon:") ? "mon:" : "";
        String device = text.substring(prefix.length());
        if (device.startsWith("unix:")) {
            OptionList socket = OptionList.parse(device.substring("unix:".length()), "path");
            return List.of(QemuOption.of(
                    option.name(),
                    prefix + "unix:" + socket(option.name(), socket, text).format()));
        }
        if (device.startsWith("tcp:") || device.startsWith("telnet:") || device.startsWith("websocket:")) {
            if (OptionList.parse(device, "address").isOn("server")) {
                notes.portTaken(option.text());
            }
        }
        // The short form has no way to say append.
        if (device.startsWith("file:") && prefix.isEmpty() && option.name().equals("serial")) {
            String id = notes.newChardevId();
            String path = device.substring("file:".length()).replace(",", ",,");
            return List.of(
                    QemuOption.of("chardev", "file,id=" + id + ",path=" + path + ",append=on"),
                    QemuOption.of("serial", "chardev:" + id));
        }
        return List.of(option);
    }

    private OptionList socket(String label, OptionList options, String text) {
        if (!options.isOn("server")) {
            return options;
        }
        Optional<String> path = options.get("path");
        if (path.isPresent()) {
            Kind kind = options.isOn("abstract") ? Kind.ABSTRACT_SOCKET : Kind.SOCKET;
            return options.with("path", notes.move(label, kind, path.get())).with("wait", "off");
        }
        if (options.get("port").isPresent()) {
            notes.portTaken(text);
        } else if (options.get("fd").isPresent()) {
            notes.add(new Finding(
                    Code.NOT_ON_COMMAND_LINE,
                    text,
                    "it listens on a descriptor that was inherited, which the new process would not have",
                    "give the VM a unix path instead"));
        }
        return options.with("wait", "off");
    }

    private String json(String text) {
        JsonNode chardev;
        try {
            chardev = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return text; // the new process would refuse it just as the old one would have
        }
        JsonNode backend = chardev.path("backend");
        if (backend.path("data") instanceof ObjectNode data) {
            if (data.has("logfile")) {
                data.put("logappend", true);
            }
            switch (backend.path("type").asText()) {
                case "socket" -> jsonSocket(chardev.path("id").asText("chardev"), data, text);
                case "file" -> data.put("append", true);
                default -> {}
            }
        }
        return chardev.toString();
    }

    private void jsonSocket(String id, ObjectNode data, String text) {
        if (!data.path("server").asBoolean(true)) { // QAPI's default, other than the command line's
            return;
        }
        data.put("wait", false);
        JsonNode address = data.path("addr");
        if (address.path("data") instanceof ObjectNode unix
                && address.path("type").asText().equals("unix")) {
            Kind kind = unix.path("abstract").asBoolean() ? Kind.ABSTRACT_SOCKET : Kind.SOCKET;
            unix.put("path", notes.move(id, kind, unix.path("path").asText()));
        } else {
            notes.portTaken(text);
        }
    }
}
