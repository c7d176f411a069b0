package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.vmm.chardev.Chardev;
import dev.cprkit.vmm.chardev.ChardevException;
import dev.cprkit.vmm.chardev.Chardevs;
import dev.cprkit.vmm.monitor.EventSink;
import dev.cprkit.vmm.monitor.Version;
import dev.cprkit.vmm.monitor.qapi.QapiCheck;
import dev.cprkit.vmm.monitor.qapi.QapiEvent;
import dev.cprkit.vmm.monitor.qapi.QapiSchema;
import dev.cprkit.vmm.run.EventLoop;
import dev.cprkit.vmm.run.IoThread;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All QMP monitors of the process: it opens them on chardevs, and sends each event to every one that has negotiated.
 * Main loop's thread with the machine lock held; events also from a vCPU that holds it.
 */
public final class QmpServer implements EventSink, AutoCloseable {
    private static final int NS_PER_US = 1000;

    private final QmpRegistry registry;
    private final Version version;
    private final EventLoop loop;
    private final InstantSource timeOfDay;
    private final CurrentClient current = new CurrentClient();
    private final List<QmpMonitor> monitors = new ArrayList<>();
    private final EventThrottle throttle;
    private Optional<IoThread> thread = Optional.empty();

    /** @param timeOfDay stamps events */
    public QmpServer(QmpRegistry registry, Version version, EventLoop loop, InstantSource timeOfDay) {
        this.registry = registry;
        this.version = version;
        this.loop = loop;
        this.timeOfDay = timeOfDay;
        this.throttle = new EventThrottle(loop.hostClock(), this::send);
    }

    /** A monitor that is open. */
    public interface OpenMonitor {
        /** Whether it is this monitor's client whose command is being executed. */
        boolean isCurrent();

        /** Ends the monitor; its chardev stays, for others to claim. */
        void close();
    }

    /**
     * Starts a monitor on a chardev that it alone uses. All monitors' chardevs share a thread, so that they are heard
     * while the main loop is held up; those on shared chardevs are heard by the main loop.
     */
    public OpenMonitor open(Chardevs chardevs, String id, boolean pretty) throws ChardevException {
        Chardev chardev = chardevs.claim(id, ioThread());
        QmpMonitor monitor = new QmpMonitor(registry, version, loop, current, chardev, pretty);
        monitors.add(monitor);
        chardev.attach(monitor);
        return new OpenMonitor() {
            @Override
            public boolean isCurrent() {
                return current.is(monitor);
            }

            @Override
            public void close() {
                monitors.remove(monitor);
                chardevs.release(chardev);
                monitor.end();
            }
        };
    }

    private IoThread ioThread() throws ChardevException {
        if (thread.isEmpty()) {
            try {
                thread = Optional.of(new IoThread("monitors"));
            } catch (ErrnoException e) {
                throw new ChardevException("a thread for monitors cannot be started: " + e.getMessage());
            }
        }
        return thread.get();
    }

    /** Ends the monitors' thread; their chardevs are closed by then. */
    @Override
    public void close() {
        thread.ifPresent(IoThread::close);
    }

    /** The descriptors that came with the message of the command that is being executed; the caller owns them. */
    int[] takeDescriptors() {
        return current.takeDescriptors();
    }

    /** For tests, which run with assertions. */
    private static boolean isAsDeclared(String event, JsonObject data) {
        for (QapiEvent declared : QapiSchema.instance().events()) {
            if (declared.name().equals(event)) {
                try {
                    QapiCheck.check(declared.data(), data);
                    return true;
                } catch (QapiCheck.Mismatch e) {
                    throw new AssertionError("event " + event + " is not as declared: " + e.getMessage(), e);
                }
            }
        }
        throw new AssertionError("event " + event + " is not declared");
    }

    @Override
    public void emit(String event, JsonObject data) {
        if (monitors.isEmpty()) {
            return;
        }
        assert isAsDeclared(event, data);
        Instant now = timeOfDay.instant();
        JsonObject timestamp =
                new JsonObject().put("seconds", now.getEpochSecond()).put("microseconds", now.getNano() / NS_PER_US);
        JsonObject message = new JsonObject().put("timestamp", timestamp).put("event", event);
        if (!data.members().isEmpty()) {
            message.put("data", data);
        }
        throttle.offer(event, message);
    }

    private void send(JsonObject message) {
        for (QmpMonitor monitor : monitors) {
            monitor.event(message);
        }
    }
}
