package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;

/**
 * What a QMP command does that is not done when it returns. The client's next commands wait for its reply, as they do in
 * QEMU. Runs on the main loop's thread with the machine lock held, and must not block.
 */
@FunctionalInterface
public interface QmpSlowCommand {
    /** Where the reply goes. Main loop's thread; the first of its calls counts. */
    interface Reply {
        /** It is done; the result is the reply's {@code return} member. */
        void done(JsonValue result);

        /** It failed. */
        void failed(QmpError error);
    }

    /**
     * Begins.
     *
     * @throws QmpError if it fails at once; {@code reply} is not called then
     */
    void begin(QmpArguments arguments, Reply reply) throws QmpError;
}
