package dev.cprkit.proto.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class QmpClientTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(200);

    @TempDir
    private Path folder;

    private Path socket;

    @BeforeEach
    void name() {
        socket = folder.resolve("qmp");
    }

    @Test
    void greetsNegotiatesAndAnswers() throws Exception {
        try (ScriptedPeer _ = ScriptedPeer.negotiated(socket, client -> {
                    assertThat(client.line()).isEqualTo("{\"execute\":\"query-status\",\"id\":2}");
                    client.say("{\"return\": {\"running\": true, \"status\": \"running\"}, \"id\": 2}\r\n");
                    assertThat(client.line())
                            .isEqualTo("{\"execute\":\"set\",\"arguments\":{\"key\":\"v\\\"\"},\"id\":3}");
                    client.say("{\"return\": {}, \"id\": 3}\r\n");
                });
                QmpClient qmp = QmpClient.connect(socket, LIMIT)) {
            assertThat(qmp.execute("query-status", LIMIT).path("status").asText())
                    .isEqualTo("running");
            assertThat(qmp.execute("set", JsonNodeFactory.instance.objectNode().put("key", "v\""), LIMIT))
                    .isEmpty();
        }
    }

    @Test
    void namesTheProcessAtTheOtherEnd() throws Exception {
        try (ScriptedPeer _ = ScriptedPeer.negotiated(socket, ScriptedPeer.Conversation::holdOn);
                QmpClient qmp = QmpClient.open(socket, LIMIT)) {
            assertThat(qmp.peer().pid()).isEqualTo((int) ProcessHandle.current().pid());
            assertThat(qmp.negotiate(LIMIT)).isEqualTo(new QmpVersion(11, 1, 1, "scripted"));
        }
    }

    @Test
    void deliversEventsInOrderAndBeforeTheReplyThatFollowsThem() throws Exception {
        try (ScriptedPeer _ = ScriptedPeer.negotiated(socket, client -> {
                    client.line();
                    client.say("{\"timestamp\": {\"seconds\": 5, \"microseconds\": 7}, \"event\": \"STOP\"}\r\n"
                            + "{\"timestamp\": {\"seconds\": 6, \"microseconds\": 0}, \"event\": \"MIGRATION\","
                            + " \"data\": {\"status\": \"active\"}}\r\n{\"return\": {}, \"id\": 2}\r\n");
                    client.holdOn();
                });
                QmpClient qmp = QmpClient.connect(socket, LIMIT)) {
            List<QmpEvent> events = new CopyOnWriteArrayList<>();
            qmp.listen(events::add);
            qmp.execute("go", LIMIT);
            assertThat(events).extracting(QmpEvent::name).containsExactly("STOP", "MIGRATION");
            assertThat(events.getFirst().at()).isEqualTo(Instant.ofEpochSecond(5, 7000));
            assertThat(events.getLast().text("status")).isEqualTo("active");
        }
    }

    @Test
    void anErrorReplyLeavesTheConversationAsItWas() throws Exception {
        try (ScriptedPeer _ = ScriptedPeer.negotiated(socket, client -> {
                    client.line();
                    client.say("{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"not here\"}, \"id\": 2}\r\n");
                    client.line();
                    client.say("{\"return\": 5, \"id\": 3}\r\n");
                });
                QmpClient qmp = QmpClient.connect(socket, LIMIT)) {
            assertThatThrownBy(() -> qmp.execute("x-thing", LIMIT))
                    .isInstanceOfSatisfying(QmpException.ErrorReply.class, e -> {
                        assertThat(e.isUnknownCommand()).isTrue();
                        assertThat(e.description()).isEqualTo("not here");
                        assertThat(e).hasMessage("x-thing was refused: not here");
                    });
            assertThat(qmp.execute("again", LIMIT).asInt()).isEqualTo(5);
        }
    }

    @Test
    void anErrorWithoutIdAnswersTheOldestCommand() throws Exception {
        try (ScriptedPeer _ = ScriptedPeer.negotiated(socket, client -> {
                    client.line();
                    client.say("{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error\"}}\r\n");
                    client.holdOn();
                });
                QmpClient qmp = QmpClient.connect(socket, LIMIT)) {
            assertThatThrownBy(() -> qmp.execute("x", LIMIT)).hasMessageContaining("JSON parse error");
        }
    }

    @Test
    void aLateAnswerIsNotTakenForTheNextOne() throws Exception {
        CountDownLatch gaveUp = new CountDownLatch(1);
        try (ScriptedPeer _ = ScriptedPeer.negotiated(socket, client -> {
                    client.line();
                    awaitQuietly(gaveUp);
                    client.say("{\"return\": \"late\", \"id\": 2}\r\n");
                    client.line();
                    client.say("{\"return\": \"right\", \"id\": 3}\r\n");
                });
                QmpClient qmp = QmpClient.connect(socket, LIMIT)) {
            assertThatThrownBy(() -> qmp.execute("slow", SHORT))
                    .isInstanceOf(QmpException.TimedOut.class)
                    .hasMessage("the reply to slow from " + socket + " did not come within 200 ms");
            gaveUp.countDown();
            assertThat(qmp.execute("next", LIMIT).asText()).isEqualTo("right");
        }
    }

    @Test
    void saysWhyItCannotConnect() throws Exception {
        assertThatThrownBy(() -> QmpClient.connect(socket, LIMIT))
                .isInstanceOf(QmpException.CannotConnect.class)
                .hasMessageContaining("no such file");
        new ScriptedPeer(socket, client -> {}).close();
        assertThat(Files.exists(socket)).isTrue();
        assertThatThrownBy(() -> QmpClient.connect(socket, LIMIT))
                .isInstanceOf(QmpException.CannotConnect.class)
                .hasMessageContaining("nobody listens");
        Path tooLong = Files.createDirectory(folder.resolve("x".repeat(110))).resolve("qmp");
        Files.createFile(tooLong);
        assertThatThrownBy(() -> QmpClient.connect(tooLong, LIMIT)).isInstanceOf(QmpException.CannotConnect.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 400 Bad Request\r\n\r\n",
                "[1, 2]\r\n",
                "55555\r\n",
                "{\"something\": 1}\r\n",
                "{\"QMP\": \0}\r\n",
                "\u0000\u0001\u0002\u0003"
            })
    void whatIsNotQmpIsSaidToBeThat(String said) throws Exception {
        try (ScriptedPeer _ = new ScriptedPeer(socket, client -> {
            client.say(said);
            client.holdOn();
        })) {
            assertThatThrownBy(() -> QmpClient.connect(socket, LIMIT))
                    .isInstanceOf(QmpException.NotQmp.class)
                    .hasMessageContaining("does not speak QMP");
        }
    }

    @Test
    void nestedWithoutEndIsNotQmp() throws Exception {
        try (ScriptedPeer _ = new ScriptedPeer(socket, client -> client.say("{\"a\":".repeat(100_000)))) {
            assertThatThrownBy(() -> QmpClient.connect(socket, LIMIT)).isInstanceOf(QmpException.NotQmp.class);
        }
    }

    @Test
    void aMessageWithoutEndIsNotKeptInMemory() throws Exception {
        String chunk = "[0]," + " ".repeat(1 << 20);
        try (ScriptedPeer _ = ScriptedPeer.negotiated(socket, client -> {
                    client.line();
                    client.say("{\"return\": [");
                    for (int i = 0; i < 64; i++) {
                        client.say(chunk);
                    }
                });
                QmpClient qmp = QmpClient.connect(socket, LIMIT)) {
            assertThatThrownBy(() -> qmp.execute("flood", LIMIT))
                    .isInstanceOf(QmpException.NotQmp.class)
                    .hasMessageContaining("longer than");
        }
    }

    @Test
    void aPeerThatHangsUpEndsEveryCall() throws Exception {
        try (ScriptedPeer _ = ScriptedPeer.negotiated(socket, client -> {
                    client.line();
                    client.say("{\"ret");
                });
                QmpClient qmp = QmpClient.connect(socket, LIMIT)) {
            assertThatThrownBy(() -> qmp.execute("x", LIMIT)).isInstanceOf(QmpException.Disconnected.class);
            assertThatThrownBy(() -> qmp.execute("y", LIMIT)).isInstanceOf(QmpException.Disconnected.class);
            assertThat(qmp.isClosed()).isTrue();
            assertThat(qmp.awaitEnd(LIMIT)).isTrue();
        }
    }

    @Test
    void closingEndsAWaitingCall() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        try (ScriptedPeer _ = ScriptedPeer.negotiated(socket, client -> {
            client.line();
            asked.countDown();
            client.holdOn();
        })) {
            QmpClient qmp = QmpClient.connect(socket, LIMIT);
            Thread closer = Thread.ofPlatform().start(() -> {
                awaitQuietly(asked);
                qmp.close();
            });
            assertThatThrownBy(() -> qmp.execute("x", LIMIT))
                    .isInstanceOf(QmpException.Disconnected.class)
                    .hasMessageContaining("closed on our side");
            closer.join(5000);
            assertThat(qmp.awaitEnd(LIMIT)).isTrue();
        }
    }

    @Test
    void aGreetingThatIsLateCanBeAwaitedInSlices() throws Exception {
        CountDownLatch ready = new CountDownLatch(1);
        try (ScriptedPeer _ = new ScriptedPeer(socket, client -> {
                    awaitQuietly(ready);
                    client.say(ScriptedPeer.GREETING);
                    client.holdOn();
                });
                QmpClient qmp = QmpClient.open(socket, LIMIT)) {
            assertThat(qmp.awaitGreeting(Duration.ofMillis(20))).isFalse();
            ready.countDown();
            assertThat(qmp.awaitGreeting(LIMIT)).isTrue();
        }
    }

    @Test
    void aPeerThatDoesNotReadDoesNotHoldTheCallerForEver() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (ScriptedPeer _ = ScriptedPeer.negotiated(socket, client -> awaitQuietly(over));
                QmpClient qmp = QmpClient.connect(socket, LIMIT)) {
            var huge = JsonNodeFactory.instance.objectNode().put("x", "y".repeat(4 << 20));
            assertThatThrownBy(() -> qmp.execute("big", huge, SHORT)).isInstanceOf(QmpException.TimedOut.class);
            assertThat(qmp.isClosed()).isTrue();
            over.countDown();
        }
    }

    @Test
    void aListenerCannotWaitForAReplyThatOnlyItsOwnThreadCouldRead() throws Exception {
        CountDownLatch refused = new CountDownLatch(1);
        try (ScriptedPeer _ = ScriptedPeer.negotiated(socket, client -> {
                    client.line();
                    client.say("{\"timestamp\": {}, \"event\": \"X\"}\r\n{\"return\": {}, \"id\": 2}\r\n");
                    client.holdOn();
                });
                QmpClient qmp = QmpClient.connect(socket, LIMIT)) {
            qmp.listen(event -> {
                assertThatThrownBy(() -> qmp.execute("y", LIMIT)).isInstanceOf(IllegalStateException.class);
                refused.countDown();
            });
            qmp.execute("x", LIMIT);
            assertThat(refused.await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void oneConversationNeverTakesTheBytesOfTheNext() throws Exception {
        // Each new connection gets the descriptor's number that the one before has just given back.
        try (ScriptedPeer _ = new ScriptedPeer(socket, 200, client -> {
            client.say(ScriptedPeer.GREETING);
            client.line();
            client.say("{\"return\": {}, \"id\": 1}\r\n");
            client.holdOn();
        })) {
            for (int i = 0; i < 200; i++) {
                QmpClient.connect(socket, LIMIT).close();
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
