package dev.cprkit.proto.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * One QMP conversation over a unix socket (reference/qemu-cpr.md, section 8.1).
 *
 * <p>Owns the connection and one platform thread that reads it (jnr reads would pin a virtual thread). Any thread may
 * send commands; each call waits for its own reply, up to a limit. Events go to the listeners on the reader thread, in
 * the order in which the peer sent them, and before the reply that follows them: when a command returns, every event
 * that happened before it has been delivered. A listener must be quick and must not send commands.
 *
 * <p>Nothing that the peer sends harms the caller: rubbish, endless messages and hang-ups end the conversation, and
 * every waiting and later command throws the {@link QmpException} that says why.
 */
public final class QmpClient implements AutoCloseable {
    private static final String GREETING =
            "the QMP greeting (a socket serves one client at a time: is another connected?)";

    private final Path path;
    private final QmpSocket socket;
    private final QmpPeer peer;
    private final QmpReplies replies;
    private final List<Consumer<QmpEvent>> listeners = new CopyOnWriteArrayList<>();
    private final CompletableFuture<QmpVersion> greeting = new CompletableFuture<>();
    private final ReentrantLock writing = new ReentrantLock();
    private final Thread reader;

    private QmpClient(Path path, QmpSocket socket, QmpPeer peer) {
        this.path = path;
        this.socket = socket;
        this.peer = peer;
        this.replies = new QmpReplies(path);
        this.reader =
                Thread.ofPlatform().daemon().name("qmp " + path.getFileName()).unstarted(this::read);
    }

    /**
     * Connects without waiting for the greeting, which a VM that is still being built sends late.
     *
     * @param limit how long to wait for a listener whose queue is full
     */
    public static QmpClient open(Path path, Duration limit) throws QmpException {
        QmpSocket socket = QmpSocket.connect(path, limit);
        try {
            QmpClient client = new QmpClient(path, socket, socket.peer());
            client.reader.start();
            return client;
        } catch (QmpException e) {
            socket.close();
            throw e;
        }
    }

    /** Connects, waits for the greeting and negotiates; {@code limit} holds for each of these. */
    public static QmpClient connect(Path path, Duration limit) throws QmpException {
        QmpClient client = open(path, limit);
        try {
            client.negotiate(limit);
            return client;
        } catch (QmpException e) {
            client.close();
            throw e;
        }
    }

    /** Waits for the greeting and leaves negotiation mode, after which events come. */
    public QmpVersion negotiate(Duration limit) throws QmpException {
        QmpVersion version = await(greeting, GREETING, limit);
        execute("qmp_capabilities", limit);
        return version;
    }

    /** Whether the greeting has come, or the conversation ended, within {@code limit}. */
    public boolean awaitGreeting(Duration limit) throws QmpException {
        try {
            await(greeting, GREETING, limit);
            return true;
        } catch (QmpException.TimedOut e) {
            return false;
        }
    }

    /** The process at the other end. */
    public QmpPeer peer() {
        return peer;
    }

    /** The socket's path, as given. */
    public Path path() {
        return path;
    }

    /** Calls {@code listener} for every later event, on the reader thread. */
    public void listen(Consumer<QmpEvent> listener) {
        listeners.add(listener);
    }

    /** Sends a command without arguments and returns its reply. */
    public JsonNode execute(String command, Duration limit) throws QmpException {
        return execute(command, JsonNodeFactory.instance.objectNode(), limit);
    }

    /**
     * Sends a command and returns what its reply's {@code return} holds.
     *
     * @throws QmpException.ErrorReply if the peer refuses it
     */
    public JsonNode execute(String command, ObjectNode arguments, Duration limit) throws QmpException {
        if (Thread.currentThread().equals(reader)) {
            throw new IllegalStateException("a listener may not send commands: the reply could never be read");
        }
        QmpReplies.Pending pending = replies.expect(command);
        ObjectNode message = JsonNodeFactory.instance.objectNode();
        message.put("execute", command);
        if (!arguments.isEmpty()) {
            message.set("arguments", arguments);
        }
        message.put("id", pending.id());
        writing.lock();
        try {
            socket.write((message + "\r\n").getBytes(StandardCharsets.UTF_8), limit);
        } catch (QmpException e) {
            replies.forget(pending);
            if (e instanceof QmpException.TimedOut) {
                close(); // half a command may be on its way: nothing after it could be understood
            } else if (e instanceof QmpException.Disconnected) {
                ended(e); // the reader still delivers what came before that
            }
            throw e;
        } finally {
            writing.unlock();
        }
        try {
            return await(pending.reply(), "the reply to " + command, limit);
        } finally {
            replies.forget(pending);
        }
    }

    /** Whether the conversation has ended. */
    public boolean isClosed() {
        return replies.isEnded();
    }

    /** Waits until the peer has hung up and everything that it sent before has been delivered. */
    public boolean awaitEnd(Duration limit) {
        try {
            return reader.join(limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends the conversation and the reader thread. The VM at the other end is not affected. */
    @Override
    public void close() {
        ended(new QmpException.Disconnected(path, "it was closed on our side"));
        socket.hangUp();
    }

    private void read() {
        try {
            ended(new QmpReader(path, socket.input(), this::received).readAll());
        } finally {
            socket.close();
        }
    }

    private void received(JsonNode message) throws QmpException {
        if (message.has("event")) {
            QmpEvent event = QmpEvent.of(message);
            for (Consumer<QmpEvent> listener : listeners) {
                listener.accept(event);
            }
        } else if (message.has("return") || message.has("error")) {
            replies.complete(message);
        } else if (message.has("QMP")) {
            greeting.complete(QmpVersion.of(message.get("QMP")));
        } else {
            throw new QmpException.NotQmp(path, "a message is neither greeting, reply nor event");
        }
    }

    private void ended(QmpException why) {
        replies.end(why);
        greeting.completeExceptionally(why);
    }

    private <T> T await(CompletableFuture<T> future, String what, Duration limit) throws QmpException {
        try {
            return future.get(Math.max(0, limit.toNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new QmpException.TimedOut(path, what, limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QmpException.Interrupted(path, what);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof QmpException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
