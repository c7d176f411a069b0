package dev.cprkit.vmm.objects;

import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.machine.config.ObjectConfig;
import dev.cprkit.vmm.monitor.MonitorConfig;
import dev.cprkit.vmm.qom.QomNode;

/** A monitor. */
final class MonitorObject extends UserObject {
    private final MonitorConfig config;
    private final UserObjects.OpenMonitor monitor;

    MonitorObject(MonitorConfig config, UserObjects.OpenMonitor monitor) {
        this.config = config;
        this.monitor = monitor;
    }

    @Override
    QomNode makeNode() {
        QomNode node = new QomNode(new ObjectConfig.Monitor(config).typeName())
                .put("chardev", new JsonString(config.chardev()));
        return switch (config.mode()) {
            case CONTROL ->
                node.put("pretty", new JsonBool(config.pretty())).put("close-action", new JsonString("none"));
            case READLINE -> node;
        };
    }

    @Override
    void remove() throws ObjectException {
        monitor.close();
    }
}
