package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;

/** What a QMP command does. Runs on the main loop's thread with the machine lock held, and must not block. */
@FunctionalInterface
public interface QmpCommand {
    /** Executes with the request's arguments; the result is the reply's {@code return} member. */
    JsonValue execute(QmpArguments arguments) throws QmpError;
}
