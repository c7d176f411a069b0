package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.run.Yank;
import java.util.ArrayList;
import java.util.List;

/** yank and query-yank. Any thread. */
public final class YankCommands {
    private final Yank yank;

    public YankCommands(Yank yank) {
        this.yank = yank;
    }

    /** Adds the commands. */
    public void register(QmpRegistry registry) {
        registry.addOutOfBand("yank", this::pull);
        registry.addOutOfBand("query-yank", this::query);
    }

    private JsonValue pull(QmpArguments arguments) throws QmpError {
        List<Yank.Target> targets = new ArrayList<>();
        List<JsonValue> instances =
                arguments.optionalArray("instances").orElseGet(JsonArray::new).values();
        for (int i = 0; i < instances.size(); i++) {
            QmpArguments instance = arguments.element("instances", i, instances.get(i));
            String type = instance.string("type");
            String name =
                    switch (type) {
                        case "chardev" -> instance.string("id");
                        case "block-node" -> instance.string("node-name");
                        default -> "";
                    };
            targets.add(new Yank.Target(type, name));
        }
        if (!yank.pull(targets)) {
            throw new QmpError("DeviceNotFound", "Instance not found");
        }
        return new JsonObject();
    }

    private JsonValue query(QmpArguments arguments) {
        JsonArray list = new JsonArray();
        for (Yank.Target target : yank.targets()) {
            JsonObject entry = new JsonObject().put("type", target.type());
            switch (target.type()) {
                case "chardev" -> entry.put("id", target.name());
                case "block-node" -> entry.put("node-name", target.name());
                default -> {}
            }
            list.add(entry);
        }
        return list;
    }
}
