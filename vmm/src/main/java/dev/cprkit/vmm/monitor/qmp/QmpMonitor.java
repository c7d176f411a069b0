package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonStream;
import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.chardev.Chardev;
import dev.cprkit.vmm.chardev.ThreadedChardev;
import dev.cprkit.vmm.monitor.Version;
import dev.cprkit.vmm.run.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One QMP session after another on a chardev (reference/qemu-cpr.md, section 8.1): greeting, negotiation, then commands,
 * executed one per turn of the main loop in the order in which they came, except those out of band.
 *
 * <p>Threads: the main loop's executes commands; the chardev's own, if it has one, reads requests, executes those out of
 * band and so is not held up by the main loop. What they share is guarded by the chardev's lock, which is never held
 * while a command runs on the main loop, nor taken by whoever emits an event.
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

    private final QmpSession session;
    private final EventLoop loop;
    private final CurrentClient current;
    private final Chardev chardev;
    private final EventLoop chardevLoop;
    private final Lock lock;
    private final boolean pretty;
    private final JsonStream input = new JsonStream(
            (int) Math.min(JsonStream.MAX_SIZE, Runtime.getRuntime().maxMemory() / HEAP_SHARE));
    private final Deque<Queued> queue = new ArrayDeque<>();
    private final Queue<JsonObject> events = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean eventsPosted = new AtomicBoolean();
    private int[] descriptors = {};
    private int client;
    private boolean scheduled;
    private Optional<LaterReply> awaited = Optional.empty();

    /** A request that waits, with the descriptors that came since the one before it. */
    private record Queued(QmpRequest request, int[] descriptors, int client) {}

    /** The reply of a command that goes on; no other command in band is executed before it. */
    private final class LaterReply implements QmpSlowCommand.Reply {
        private final Optional<JsonValue> id;

        LaterReply(Optional<JsonValue> id) {
            this.id = id;
        }

        @Override
        public void done(JsonValue result) {
            send(QmpSession.result(result, id));
        }

        @Override
        public void failed(QmpError error) {
            send(QmpSession.error(error, id));
        }

        /** Unless it was sent already, or the client that asked is gone. */
        private void send(JsonObject reply) {
            lock.lock();
            try {
                if (awaited.isPresent() && awaited.get() == this) {
                    awaited = Optional.empty();
                    QmpMonitor.this.send(reply);
                    schedule();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** @param loop executes commands: the main loop */
    QmpMonitor(
            QmpRegistry registry,
            Version version,
            EventLoop loop,
            CurrentClient current,
            Chardev chardev,
            boolean pretty) {
        this.loop = loop;
        this.current = current;
        this.chardev = chardev;
        this.pretty = pretty;
        if (chardev instanceof ThreadedChardev threaded) {
            this.chardevLoop = threaded.loop();
            this.lock = threaded.lock();
        } else {
            this.chardevLoop = loop;
            this.lock = new ReentrantLock();
        }
        this.session = new QmpSession(registry, version, chardev, lock);
    }

    /** The chardev that it is on. */
    Chardev chardev() {
        return chardev;
    }

    /**
     * Sends an event if there is a client that has negotiated: at the end of the loop's turn, but before the next reply,
     * so that a guest that is being moved does not stand still while its events are written.
     */
    void event(JsonObject message) {
        if (session.takesCommands()) {
            events.add(message);
            if (eventsPosted.compareAndSet(false, true)) {
                loop.post(this::sendPostedEvents);
            }
        }
    }

    private void sendPostedEvents() {
        eventsPosted.set(false);
        lock.lock();
        try {
            sendEvents();
        } finally {
            lock.unlock();
        }
    }

    private void sendEvents() {
        for (JsonObject event = events.poll(); event != null; event = events.poll()) {
            if (session.takesCommands()) {
                write(event);
            }
        }
    }

    @Override
    public void opened() {
        closed();
        client++;
        send(session.begin());
    }

    @Override
    public void closed() {
        session.end();
        awaited = Optional.empty();
        for (Queued queued : queue) {
            closeAll(queued.descriptors());
        }
        queue.clear();
        closeAll(descriptors);
        descriptors = new int[0];
        events.clear();
        input.clear();
    }

    /** There is no monitor any more, and its client has been let go of. */
    void end() {
        lock.lock();
        try {
            closed();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int canReceive() {
        return queue.size() < MAX_QUEUED ? CHUNK : 0;
    }

    @Override
    public void receive(byte[] bytes, int length) {
        int[] passed = chardev.takeDescriptors();
        if (passed.length > 0) {
            closeAll(descriptors);
            descriptors = passed;
        }
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
        chardevLoop.post(chardev::disconnect);
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
            if (session.outOfBand() && request instanceof QmpRequest.Command command && command.outOfBand()) {
                send(session.reply(command));
            } else {
                enqueue(request);
            }
        }
    }

    /** The heap cannot hold the message. The text of all that has come goes with it: its end cannot be found. */
    private void refuseMessage() {
        input.clear();
        enqueue(new QmpRequest.Invalid(
                QmpError.generic("JSON parse error, the message needs more memory than there is"), Optional.empty()));
    }

    private void enqueue(QmpRequest request) {
        queue.add(new Queued(request, descriptors, client));
        descriptors = new int[0];
    }

    private void schedule() {
        if (!scheduled && awaited.isEmpty() && !queue.isEmpty() && chardev.queued() < STALLED) {
            scheduled = true;
            loop.post(this::turn);
        }
    }

    /** Executes one request on the main loop's thread, without the lock: the connection is looked after meanwhile. */
    private void turn() {
        Queued next;
        boolean full;
        lock.lock();
        try {
            scheduled = false;
            if (queue.isEmpty() || awaited.isPresent()) {
                return;
            }
            full = queue.size() >= MAX_QUEUED;
            next = queue.remove();
        } finally {
            lock.unlock();
        }
        current.enter(this, next.descriptors());
        try {
            execute(next);
        } finally {
            current.leave();
        }
        if (full) {
            chardevLoop.post(this::pullMore);
        }
    }

    /** There is room in the queue again. */
    private void pullMore() {
        lock.lock();
        try {
            pull();
            schedule();
        } finally {
            lock.unlock();
        }
        if (canReceive() > 0) {
            chardev.acceptInput();
        }
    }

    private void execute(Queued next) {
        switch (next.request()) {
            case QmpRequest.Invalid(QmpError error, Optional<JsonValue> id) -> send(QmpSession.error(error, id), next);
            case QmpRequest.Command command -> {
                Optional<QmpSlowCommand> slow = session.slow(command);
                if (slow.isPresent()) {
                    begin(slow.get(), command);
                } else {
                    send(session.reply(command), next);
                }
            }
        }
    }

    /** Replies, unless the client that asked is gone. */
    private void send(JsonObject reply, Queued to) {
        lock.lock();
        try {
            if (to.client() == client) {
                send(reply);
            }
            schedule();
        } finally {
            lock.unlock();
        }
    }

    private void begin(QmpSlowCommand slow, QmpRequest.Command command) {
        LaterReply reply = new LaterReply(command.id());
        lock.lock();
        try {
            awaited = Optional.of(reply);
        } finally {
            lock.unlock();
        }
        try {
            slow.begin(new QmpArguments(command.arguments()), reply);
        } catch (QmpError e) {
            reply.failed(e);
        } catch (RuntimeException e) {
            reply.failed(QmpSession.mistake(command, e));
        }
    }

    private void send(JsonObject message) {
        sendEvents();
        write(message);
    }

    private static void closeAll(int[] fds) {
        for (int fd : fds) {
            Fds.close(fd);
        }
    }

    private void write(JsonObject message) {
        byte[] line = (JsonText.write(message, pretty) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        chardev.write(line, 0, line.length);
    }
}
