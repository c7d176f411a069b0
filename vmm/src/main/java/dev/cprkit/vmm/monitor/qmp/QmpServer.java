package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.vmm.chardev.Chardev;
import dev.cprkit.vmm.monitor.EventSink;
import dev.cprkit.vmm.monitor.Version;
import dev.cprkit.vmm.run.EventLoop;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * All QMP monitors of the process: it opens them on chardevs, and sends each event to every one that has negotiated.
 * Main loop's thread with the machine lock held; events also from a vCPU that holds it.
 */
public final class QmpServer implements EventSink {
    private static final int NS_PER_US = 1000;

    private final QmpRegistry registry;
    private final Version version;
    private final EventLoop loop;
    private final InstantSource timeOfDay;
    private final CurrentClient current = new CurrentClient();
    private final List<QmpMonitor> monitors = new ArrayList<>();

    /** @param timeOfDay stamps events */
    public QmpServer(QmpRegistry registry, Version version, EventLoop loop, InstantSource timeOfDay) {
        this.registry = registry;
        this.version = version;
        this.loop = loop;
        this.timeOfDay = timeOfDay;
    }

    /** Starts a monitor on a chardev that it alone uses. */
    public void open(Chardev chardev, boolean pretty) {
        QmpMonitor monitor = new QmpMonitor(registry, version, loop, current, chardev, pretty);
        monitors.add(monitor);
        chardev.attach(monitor);
    }

    /** The descriptors that came with the message of the command that is being executed; the caller owns them. */
    int[] takeDescriptors() {
        return current.takeDescriptors();
    }

    @Override
    public void emit(String event, JsonObject data) {
        if (monitors.isEmpty()) {
            return;
        }
        Instant now = timeOfDay.instant();
        JsonObject timestamp =
                new JsonObject().put("seconds", now.getEpochSecond()).put("microseconds", now.getNano() / NS_PER_US);
        JsonObject message = new JsonObject().put("timestamp", timestamp).put("event", event);
        if (!data.members().isEmpty()) {
            message.put("data", data);
        }
        for (QmpMonitor monitor : monitors) {
            monitor.event(message);
        }
    }
}
