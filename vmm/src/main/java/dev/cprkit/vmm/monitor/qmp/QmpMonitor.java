package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonStream;
import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.chardev.Chardev;
import dev.cprkit.vmm.monitor.Version;
import dev.cprkit.vmm.run.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * One QMP session after another on a chardev (reference/qemu-cpr.md, section 8.1): greeting, negotiation, then commands,
 * executed one per turn of the main loop in the order in which they came, except those out of band.
 *
 * <p>A client cannot make it hold more than it can afford: at most 8 requests are queued and the rest of the input is
 * left where it is; while replies are not read no further command is executed; and a client that reads nothing at all is
 * disconnected when 16 MiB of replies and events wait for it.
 */
final class QmpMonitor implements Chardev.Frontend {
    private static final int MAX_QUEUED = 8;
    private static final int CHUNK = 64 << 10;
    private static final int STALLED = 1 << 20;
    private static final int MAX_OUTPUT = 16 << 20;
    /** A message is held as bytes, characters and values at once; this bounds them together to about half the heap. */
    private static final int HEAP_SHARE = 16;

    private final QmpRegistry registry;
    private final Version version;
    private final EventLoop loop;
    private final CurrentClient current;
    private final Chardev chardev;
    private final boolean pretty;
    private final JsonStream input = new JsonStream(
            (int) Math.min(JsonStream.MAX_SIZE, Runtime.getRuntime().maxMemory() / HEAP_SHARE));
    private final Deque<QmpRequest> queue = new ArrayDeque<>();
    private final Deque<JsonObject> events = new ArrayDeque<>();
    private Session session = Session.NONE;
    private boolean outOfBand;
    private boolean scheduled;
    private Optional<LaterReply> awaited = Optional.empty();

    private enum Session {
        /** Nobody is connected. */
        NONE,
        /** The greeting has been sent. */
        NEGOTIATING,
        /** Commands and events. */
        COMMANDS
    }

    /** The reply of a command that goes on; no other command in band is executed before it. */
    private final class LaterReply implements QmpSlowCommand.Reply {
        private final Optional<JsonValue> id;

        LaterReply(Optional<JsonValue> id) {
            this.id = id;
        }

        @Override
        public void done(JsonValue result) {
            if (isAwaited()) {
                awaited = Optional.empty();
                sendResult(result, id);
                schedule();
            }
        }

        @Override
        public void failed(QmpError error) {
            if (isAwaited()) {
                awaited = Optional.empty();
                sendError(error, id);
                schedule();
            }
        }

        /** Neither replied already nor asked by a client that is gone. */
        private boolean isAwaited() {
            return awaited.isPresent() && awaited.get() == this;
        }
    }

    QmpMonitor(
            QmpRegistry registry,
            Version version,
            EventLoop loop,
            CurrentClient current,
            Chardev chardev,
            boolean pretty) {
        this.registry = registry;
        this.version = version;
        this.loop = loop;
        this.current = current;
        this.chardev = chardev;
        this.pretty = pretty;
    }

    /**
     * Sends an event if there is a client that has negotiated: at the end of the loop's turn, but before the next reply,
     * so that a guest that is being moved does not stand still while its events are written.
     */
    void event(JsonObject message) {
        if (session == Session.COMMANDS) {
            if (events.isEmpty()) {
                loop.post(this::sendEvents);
            }
            events.add(message);
        }
    }

    private void sendEvents() {
        for (JsonObject event = events.poll(); event != null; event = events.poll()) {
            write(event);
        }
    }

    @Override
    public void opened() {
        closed();
        session = Session.NEGOTIATING;
        JsonArray capabilities = new JsonArray();
        if (offersOutOfBand()) {
            capabilities.add(new JsonString("oob"));
        }
        JsonObject greeting = new JsonObject()
                .put("version", SessionCommands.describe(version))
                .put("capabilities", capabilities);
        send(new JsonObject().put("QMP", greeting));
    }

    @Override
    public void closed() {
        session = Session.NONE;
        outOfBand = false;
        awaited = Optional.empty();
        queue.clear();
        events.clear();
        input.clear();
    }

    @Override
    public int canReceive() {
        return queue.size() < MAX_QUEUED ? CHUNK : 0;
    }

    @Override
    public void receive(byte[] bytes, int length) {
        try {
            input.feed(bytes, 0, length);
        } catch (OutOfMemoryError e) {
            refuseMessage();
        }
        pull();
        schedule();
    }

    @Override
    public int outputLimit() {
        return MAX_OUTPUT;
    }

    @Override
    public void overflowed() {
        loop.post(chardev::disconnect);
    }

    @Override
    public void drained() {
        schedule();
    }

    @Override
    public boolean wantsFocus() {
        return false;
    }

    /** Takes messages from the input until the queue is full. */
    private void pull() {
        while (queue.size() < MAX_QUEUED) {
            Optional<JsonStream.Item> item;
            try {
                item = input.next();
            } catch (OutOfMemoryError e) {
                refuseMessage();
                return;
            }
            if (item.isEmpty()) {
                return;
            }
            QmpRequest request = QmpRequest.of(item.get());
            if (outOfBand && request instanceof QmpRequest.Command command && command.outOfBand()) {
                execute(command);
            } else {
                queue.add(request);
            }
        }
    }

    /** The heap cannot hold the message. The text of all that has come goes with it: its end cannot be found. */
    private void refuseMessage() {
        input.clear();
        queue.add(new QmpRequest.Invalid(
                QmpError.generic("JSON parse error, the message needs more memory than there is"), Optional.empty()));
    }

    private void schedule() {
        if (!scheduled && awaited.isEmpty() && !queue.isEmpty() && chardev.queued() < STALLED) {
            scheduled = true;
            loop.post(this::turn);
        }
    }

    private void turn() {
        scheduled = false;
        if (queue.isEmpty() || awaited.isPresent()) {
            return;
        }
        boolean full = queue.size() >= MAX_QUEUED;
        switch (queue.remove()) {
            case QmpRequest.Invalid(QmpError error, Optional<JsonValue> id) -> sendError(error, id);
            case QmpRequest.Command command -> execute(command);
        }
        pull();
        schedule();
        if (full && queue.size() < MAX_QUEUED) {
            chardev.acceptInput();
        }
    }

    private void execute(QmpRequest.Command command) {
        Optional<QmpSlowCommand> slow =
                session == Session.COMMANDS ? registry.findSlow(command.name()) : Optional.empty();
        try {
            if (slow.isPresent() && !command.outOfBand()) {
                begin(slow.get(), command);
            } else {
                sendResult(run(command), command.id());
            }
        } catch (QmpError e) {
            sendError(e, command.id());
        } catch (RuntimeException e) {
            // A mistake in the command must cost neither the guest nor the session.
            sendError(QmpError.generic("The command " + command.name() + " failed inside vmm: " + e), command.id());
        }
    }

    private void begin(QmpSlowCommand slow, QmpRequest.Command command) throws QmpError {
        LaterReply reply = new LaterReply(command.id());
        awaited = Optional.of(reply);
        boolean begun = false;
        try {
            slow.begin(new QmpArguments(command.arguments()), reply);
            begun = true;
        } finally {
            if (!begun) {
                awaited = Optional.empty();
            }
        }
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
        if (session == Session.NEGOTIATING) {
            throw new QmpError("CommandNotFound", "Expecting capabilities negotiation with 'qmp_capabilities'");
        }
        Optional<QmpCommand> found = registry.find(command.name());
        if (found.isEmpty() && registry.findSlow(command.name()).isEmpty()) {
            throw new QmpError("CommandNotFound", "The command " + command.name() + " has not been found");
        }
        if (command.outOfBand() && !registry.isOutOfBand(command.name())) {
            throw QmpError.generic("The command " + command.name() + " does not support OOB");
        }
        QmpCommand implementation = found.orElseThrow();
        current.enter(chardev);
        try {
            return implementation.execute(arguments);
        } finally {
            current.leave();
        }
    }

    private void negotiate(QmpRequest.Command command, QmpArguments arguments) throws QmpError {
        if (session == Session.COMMANDS) {
            throw command.outOfBand()
                    ? QmpError.generic("The command qmp_capabilities does not support OOB")
                    : new QmpError("CommandNotFound", "Capabilities negotiation is already complete, command ignored");
        }
        boolean enable = false;
        JsonArray wanted = arguments.optionalArray("enable").orElseGet(JsonArray::new);
        arguments.end();
        for (int i = 0; i < wanted.values().size(); i++) {
            String element = "enable[" + i + "]";
            if (!(wanted.values().get(i) instanceof JsonString(String name))) {
                throw arguments.wrongType(element, "string");
            }
            if (!name.equals("oob")) {
                throw arguments.badEnum(element, name);
            }
            enable = true;
        }
        if (enable && !offersOutOfBand()) {
            throw QmpError.generic("Capability oob not available");
        }
        outOfBand = enable;
        session = Session.COMMANDS;
    }

    /** Not on a shared chardev: its input may be meant for another frontend. */
    private boolean offersOutOfBand() {
        return !chardev.isShared();
    }

    private void sendResult(JsonValue result, Optional<JsonValue> id) {
        JsonObject reply = new JsonObject().put("return", result);
        id.ifPresent(value -> reply.put("id", value));
        send(reply);
    }

    private void sendError(QmpError error, Optional<JsonValue> id) {
        JsonObject reply = new JsonObject();
        id.ifPresent(value -> reply.put("id", value));
        JsonObject description =
                new JsonObject().put("class", error.errorClass()).put("desc", error.getMessage());
        send(reply.put("error", description));
    }

    private void send(JsonObject message) {
        sendEvents();
        write(message);
    }

    private void write(JsonObject message) {
        byte[] line = (JsonText.write(message, pretty) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        chardev.write(line, 0, line.length);
    }
}
