package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.chardev.Chardev;
import dev.cprkit.vmm.monitor.Version;
import java.util.Optional;
import java.util.concurrent.locks.Lock;

/**
 * What the client of a monitor has been promised and may do: it is greeted, negotiates, and then gives commands, each of
 * which is answered with a result or an error (reference/qemu-cpr.md, section 8.1). How bytes come and go, and in which
 * order requests are executed, is {@link QmpMonitor}'s.
 *
 * <p>Threads: it begins and ends with the monitor's lock held; commands are run without it, on the main loop's thread or,
 * out of band, with it on the chardev's.
 */
final class QmpSession {
    private enum Phase {
        /** Nobody is connected. */
        NONE,
        /** The greeting has been sent. */
        NEGOTIATING,
        /** Commands and events. */
        COMMANDS
    }

    private final QmpRegistry registry;
    private final Version version;
    private final Chardev chardev;
    private final Lock lock;
    private volatile Phase phase = Phase.NONE;
    private volatile boolean outOfBand;

    QmpSession(QmpRegistry registry, Version version, Chardev chardev, Lock lock) {
        this.registry = registry;
        this.version = version;
        this.chardev = chardev;
        this.lock = lock;
    }

    /** A client is there: what it is greeted with. */
    JsonObject begin() {
        phase = Phase.NEGOTIATING;
        JsonArray capabilities = new JsonArray();
        if (offersOutOfBand()) {
            capabilities.add(new JsonString("oob"));
        }
        JsonObject greeting = new JsonObject()
                .put("version", SessionCommands.describe(version))
                .put("capabilities", capabilities);
        return new JsonObject().put("QMP", greeting);
    }

    /** The client is gone. */
    void end() {
        phase = Phase.NONE;
        outOfBand = false;
    }

    /** Whether the client has negotiated: it is told events, and its commands are executed. */
    boolean takesCommands() {
        return phase == Phase.COMMANDS;
    }

    /** Whether the client asked for commands out of band. */
    boolean outOfBand() {
        return outOfBand;
    }

    /** The command, if it is one that replies later and may be executed now. */
    Optional<QmpSlowCommand> slow(QmpRequest.Command command) {
        return takesCommands() && !command.outOfBand() ? registry.findSlow(command.name()) : Optional.empty();
    }

    /** Runs a command that replies at once, and what it replies. */
    JsonObject reply(QmpRequest.Command command) {
        try {
            return result(run(command), command.id());
        } catch (QmpError e) {
            return error(e, command.id());
        } catch (RuntimeException e) {
            return error(mistake(command, e), command.id());
        }
    }

    /** A mistake in a command must cost neither the guest nor the session. */
    static QmpError mistake(QmpRequest.Command command, RuntimeException e) {
        return QmpError.generic("The command " + command.name() + " failed inside vmm: " + e);
    }

    private JsonValue run(QmpRequest.Command command) throws QmpError {
        if (command.outOfBand() && !outOfBand) {
            throw QmpError.generic("QMP input member 'exec-oob' is unexpected");
        }
        QmpArguments arguments = new QmpArguments(command.arguments());
        if (command.name().equals("qmp_capabilities")) {
            negotiate(command, arguments);
            return new JsonObject();
        }
        if (phase == Phase.NEGOTIATING) {
            throw new QmpError("CommandNotFound", "Expecting capabilities negotiation with 'qmp_capabilities'");
        }
        Optional<QmpCommand> found = registry.find(command.name());
        if (found.isEmpty() && registry.findSlow(command.name()).isEmpty()) {
            throw new QmpError("CommandNotFound", "The command " + command.name() + " has not been found");
        }
        if (command.outOfBand() && !registry.isOutOfBand(command.name())) {
            throw QmpError.generic("The command " + command.name() + " does not support OOB");
        }
        return found.orElseThrow().execute(arguments);
    }

    private void negotiate(QmpRequest.Command command, QmpArguments arguments) throws QmpError {
        if (phase == Phase.COMMANDS) {
            throw command.outOfBand()
                    ? QmpError.generic("The command qmp_capabilities does not support OOB")
                    : new QmpError("CommandNotFound", "Capabilities negotiation is already complete, command ignored");
        }
        boolean enable = !registry.negotiation(arguments)
                .optionalArray("enable")
                .orElseGet(JsonArray::new)
                .values()
                .isEmpty();
        if (enable && !offersOutOfBand()) {
            throw QmpError.generic("Capability oob not available");
        }
        lock.lock();
        try {
            outOfBand = enable;
            phase = Phase.COMMANDS;
        } finally {
            lock.unlock();
        }
    }

    /** Not on a shared chardev: its input may be meant for another frontend. */
    private boolean offersOutOfBand() {
        return !chardev.isShared();
    }

    /** The reply of a command that succeeded. */
    static JsonObject result(JsonValue result, Optional<JsonValue> id) {
        JsonObject reply = new JsonObject().put("return", result);
        id.ifPresent(value -> reply.put("id", value));
        return reply;
    }

    /** The reply of a command that failed, or of what is no command. */
    static JsonObject error(QmpError error, Optional<JsonValue> id) {
        JsonObject reply = new JsonObject();
        id.ifPresent(value -> reply.put("id", value));
        JsonObject description =
                new JsonObject().put("class", error.errorClass()).put("desc", error.getMessage());
        return reply.put("error", description);
    }
}
