package dev.cprkit.vmm.monitor;

import dev.cprkit.proto.json.JsonValue.JsonObject;

/** Where QMP events go: to every QMP monitor that has negotiated. Called with the machine lock held. */
@FunctionalInterface
public interface EventSink {
    /** Sends an event, stamped with the host's time of day. {@code data} without members leaves the member out. */
    void emit(String event, JsonObject data);

    /** Sends an event without data. */
    default void emit(String event) {
        emit(event, new JsonObject());
    }
}
