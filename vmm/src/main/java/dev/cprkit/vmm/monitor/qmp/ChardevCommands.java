package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.chardev.ChardevException;
import dev.cprkit.vmm.chardev.Chardevs;
import java.util.List;

/** The chardevs: query-chardev, query-chardev-backends, chardev-add, -change, -remove and -send-break. */
public final class ChardevCommands {
    private static final List<String> BACKENDS =
            List.of("file", "memory", "null", "pipe", "pty", "ringbuf", "socket", "stdio");

    private final Chardevs chardevs;
    private final DescriptorCommands descriptors;

    /** @param descriptors has the sockets that clients passed and named */
    public ChardevCommands(Chardevs chardevs, DescriptorCommands descriptors) {
        this.chardevs = chardevs;
        this.descriptors = descriptors;
    }

    /** Adds the commands. */
    public void register(QmpRegistry registry) {
        registry.add("query-chardev", this::queryChardev);
        registry.add("query-chardev-backends", arguments -> backends());
        registry.add("chardev-add", this::add);
        registry.add("chardev-remove", this::remove);
        registry.add("chardev-change", this::change);
        registry.add("chardev-send-break", this::sendBreak);
    }

    private JsonValue queryChardev(QmpArguments arguments) throws QmpError {
        JsonArray result = new JsonArray();
        for (Chardevs.Info info : chardevs.all()) {
            result.add(new JsonObject()
                    .put("label", info.label())
                    .put("filename", info.filename())
                    .put("frontend-open", info.frontendOpen()));
        }
        return result;
    }

    private static JsonArray backends() {
        JsonArray names = new JsonArray();
        for (String name : BACKENDS) {
            names.add(new JsonObject().put("name", name));
        }
        return names;
    }

    private JsonValue add(QmpArguments arguments) throws QmpError {
        String id = arguments.string("id");
        if (chardevs.exists(id)) {
            throw QmpError.generic("Chardev with id '" + id + "' already exists");
        }
        try {
            QmpArguments backend = arguments.optionalObject("backend").orElseThrow();
            chardevs.open(new ChardevBackend(descriptors).read(id, backend));
        } catch (ChardevException e) {
            throw QmpError.generic("Failed to add chardev '" + id + "': " + e.getMessage());
        }
        return opened(id);
    }

    private JsonValue change(QmpArguments arguments) throws QmpError {
        String id = arguments.string("id");
        try {
            QmpArguments backend = arguments.optionalObject("backend").orElseThrow();
            chardevs.exchange(new ChardevBackend(descriptors).read(id, backend));
        } catch (ChardevException e) {
            throw QmpError.generic(e.getMessage());
        }
        return opened(id);
    }

    /** Of a pseudo-terminal, which one it is. */
    private JsonObject opened(String id) {
        JsonObject result = new JsonObject();
        chardevs.terminalPath(id).ifPresent(path -> result.put("pty", path));
        return result;
    }

    private JsonValue sendBreak(QmpArguments arguments) throws QmpError {
        try {
            chardevs.sendBreak(arguments.string("id"));
        } catch (ChardevException e) {
            throw QmpError.generic(e.getMessage());
        }
        return new JsonObject();
    }

    private JsonValue remove(QmpArguments arguments) throws QmpError {
        String id = arguments.string("id");
        try {
            chardevs.remove(id);
        } catch (ChardevException e) {
            throw QmpError.generic(e.getMessage());
        }
        return new JsonObject();
    }
}
