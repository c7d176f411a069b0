package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.machine.hotplug.PlugException;
import dev.cprkit.vmm.machine.hotplug.Plugs;

/** device_add and device_del. */
public final class DeviceCommands {
    private final Plugs plugs;

    public DeviceCommands(Plugs plugs) {
        this.plugs = plugs;
    }

    /** Adds the commands. */
    public void register(QmpRegistry registry) {
        registry.add("device_add", this::add);
        registry.add("device_del", this::remove);
    }

    private JsonValue add(QmpArguments arguments) throws QmpError {
        try {
            plugs.add(arguments.object().members());
            return new JsonObject();
        } catch (PlugException e) {
            throw error(e);
        }
    }

    private JsonValue remove(QmpArguments arguments) throws QmpError {
        try {
            plugs.remove(arguments.string("id"));
            return new JsonObject();
        } catch (PlugException e) {
            throw error(e);
        }
    }

    private static QmpError error(PlugException e) {
        return e.isNotFound() ? new QmpError("DeviceNotFound", e.getMessage()) : QmpError.generic(e.getMessage());
    }
}
