package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.chardev.ChardevException;
import dev.cprkit.vmm.chardev.Chardevs;

/** The chardevs: query-chardev, chardev-add, chardev-remove. */
public final class ChardevCommands {
    private final Chardevs chardevs;

    public ChardevCommands(Chardevs chardevs) {
        this.chardevs = chardevs;
    }

    /** Adds the commands. */
    public void register(QmpRegistry registry) {
        registry.add("query-chardev", this::queryChardev);
        registry.add("chardev-add", this::add);
        registry.add("chardev-remove", this::remove);
    }

    private JsonValue queryChardev(QmpArguments arguments) throws QmpError {
        arguments.end();
        JsonArray result = new JsonArray();
        for (Chardevs.Info info : chardevs.all()) {
            result.add(new JsonObject()
                    .put("label", info.label())
                    .put("filename", info.filename())
                    .put("frontend-open", info.frontendOpen()));
        }
        return result;
    }

    private JsonValue add(QmpArguments arguments) throws QmpError {
        String id = arguments.string("id");
        QmpArguments backend = arguments.optionalObject("backend").orElseThrow(() -> arguments.missing("backend"));
        arguments.end();
        try {
            chardevs.open(ChardevBackend.read(id, backend));
        } catch (ChardevException e) {
            throw QmpError.generic(e.getMessage());
        }
        return new JsonObject();
    }

    private JsonValue remove(QmpArguments arguments) throws QmpError {
        String id = arguments.string("id");
        arguments.end();
        try {
            chardevs.remove(id);
        } catch (ChardevException e) {
            throw QmpError.generic(e.getMessage());
        }
        return new JsonObject();
    }
}
