package dev.cprkit.proto.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The commands that still wait for their reply, oldest first. Thread-safe.
 *
 * <p>Replies are matched by id. A reply without one (a peer that could not parse the command does not know its id)
 * answers the oldest, because a QMP server replies in order. A reply to a command that nobody waits for any more is
 * dropped.
 */
final class QmpReplies {
    /** A command on its way. */
    record Pending(long id, String command, CompletableFuture<JsonNode> reply) {}

    private final Path path;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private long nextId = 1;
    private Optional<QmpException> end = Optional.empty();

    QmpReplies(Path path) {
        this.path = path;
    }

    synchronized Pending expect(String command) throws QmpException {
        if (end.isPresent()) {
            throw end.get();
        }
        Pending sent = new Pending(nextId++, command, new CompletableFuture<>());
        pending.add(sent);
        return sent;
    }

    synchronized void forget(Pending command) {
        pending.remove(command);
    }

    synchronized void complete(JsonNode message) {
        JsonNode id = message.get("id");
        for (Pending command : pending) {
            if (id == null || (id.isIntegralNumber() && id.longValue() == command.id())) {
                answer(command, message);
                return;
            }
        }
    }

    /** Every waiting command fails for this reason, and so does every later one. The first reason stays. */
    synchronized void end(QmpException why) {
        if (end.isEmpty()) {
            end = Optional.of(why);
        }
        for (Pending command : pending) {
            command.reply().completeExceptionally(end.get());
        }
    }

    synchronized boolean isEnded() {
        return end.isPresent();
    }

    private void answer(Pending command, JsonNode message) {
        if (message.has("error")) {
            JsonNode error = message.get("error");
            command.reply()
                    .completeExceptionally(new QmpException.ErrorReply(
                            path,
                            command.command(),
                            error.path("class").asText("GenericError"),
                            error.path("desc").asText("no reason given")));
        } else {
            command.reply().complete(message.get("return"));
        }
    }
}
