package dev.cprkit.vmm.monitor.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.vmm.chardev.Peer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QmpMonitorTest {
    private static final String NOT_FOUND = "CommandNotFound";
    private static final String GENERIC = "GenericError";

    @TempDir
    private Path folder;

    private MonitorFixture monitors;

    @BeforeEach
    void start() throws Exception {
        monitors = new MonitorFixture(folder);
    }

    @AfterEach
    void stop() {
        monitors.close();
    }

    @Test
    void greetsAndNegotiates() throws Exception {
        try (Peer peer = monitors.qmp("q", false)) {
            assertThat(peer.readTo("\r\n"))
                    .isEqualTo("{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 1, \"minor\": 1, \"major\": 11},"
                            + " \"package\": \" (cprkit test)\"}, \"capabilities\": [\"oob\"]}}\r\n");
            assertThat(ask(peer, "{'execute': 'query-status'}"))
                    .isEqualTo(error(NOT_FOUND, "Expecting capabilities negotiation with 'qmp_capabilities'"));
            assertThat(ask(peer, "{'execute': 'nope'}"))
                    .isEqualTo(error(NOT_FOUND, "Expecting capabilities negotiation with 'qmp_capabilities'"));
            assertThat(ask(peer, "{'execute': 'qmp_capabilities', 'arguments': {'enable': ['warp']}}"))
                    .isEqualTo(error(GENERIC, "Parameter 'null' does not accept value 'warp'"));
            assertThat(ask(peer, "{'execute': 'qmp_capabilities', 'arguments': {'enable': 'oob'}}"))
                    .isEqualTo(error(GENERIC, "Invalid parameter type for 'enable', expected: array"));
            assertThat(ask(peer, "{'execute': 'qmp_capabilities', 'id': 'i'}"))
                    .isEqualTo("{\"return\": {}, \"id\": \"i\"}\r\n");
            assertThat(ask(peer, "{'execute': 'qmp_capabilities'}"))
                    .isEqualTo(error(NOT_FOUND, "Capabilities negotiation is already complete, command ignored"));
            assertThat(ask(peer, "{'exec-oob': 'query-status'}"))
                    .isEqualTo(error(GENERIC, "QMP input member 'exec-oob' is unexpected"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'execute': 'nope'} | CommandNotFound | The command nope has not been found",
                "{'execute': 'query-status', 'foo': 1} | GenericError | QMP input member 'foo' is unexpected",
                "{'execute': 1} | GenericError | QMP input member 'execute' must be a string",
                "{'arguments': {}} | GenericError | QMP input lacks member 'execute'",
                "{'execute': 'stop', 'arguments': []}"
                        + " | GenericError | QMP input member 'arguments' must be an object",
                "{'execute': 'stop', 'exec-oob': 'x'}"
                        + " | GenericError | QMP input member 'exec-oob' clashes with 'execute'",
                "[1] | GenericError | QMP input must be a JSON object",
                "{'execute': 'stop', 'arguments': {'a': 1}} | GenericError | Parameter 'a' is unexpected",
                "{'execute': 'human-monitor-command'} | GenericError | Parameter 'command-line' is missing",
                "{'execute': 'human-monitor-command', 'arguments': {'command-line': 1}}"
                        + " | GenericError | Invalid parameter type for 'command-line', expected: string",
                "{'execute': @ | GenericError | 1:44: JSON parse error, stray '@'",
            })
    void answersMistakesWithQemusWords(String request, String errorClass, String text) throws Exception {
        try (Peer peer = monitors.negotiated("q")) {
            assertThat(ask(peer, request + "\n")).isEqualTo(error(errorClass, text));
            assertThat(ask(peer, "{'execute': 'query-name'}")).isEqualTo("{\"return\": {\"name\": \"vm\"}}\r\n");
        }
    }

    @Test
    void findsTheNextMessageBehindAnOpenString() throws Exception {
        try (Peer peer = monitors.negotiated("q")) {
            assertThat(ask(peer, "{'execute': 'x\n")).contains("JSON parse error, stray");
            assertThat(ask(peer, "{'execute': 'query-name'}")).contains("vm");
        }
    }

    @Test
    void survivesALineOfTenMebibytes() throws Exception {
        try (Peer peer = monitors.negotiated("q")) {
            String huge = "x".repeat(10 << 20);
            assertThat(ask(peer, huge + "\n"))
                    .contains("JSON parse error, invalid keyword 'xxxx")
                    .hasSizeLessThan(400);
            assertThat(ask(peer, "{'execute': 'query-name', 'id': '" + huge + "'}"))
                    .hasSizeGreaterThan(10 << 20);
            assertThat(ask(peer, "{'execute': 'stop'}")).contains("STOP");
        }
    }

    @Test
    void readsSplitAndJoinedRequestsInOrder() throws Exception {
        try (Peer peer = monitors.negotiated("q")) {
            for (char c : "{'execute': 'query-name', 'id': 1}".toCharArray()) {
                peer.send(String.valueOf(c));
            }
            assertThat(peer.readTo("\r\n")).endsWith("\"id\": 1}\r\n");
            StringBuilder many = new StringBuilder();
            for (int i = 0; i < 1000; i++) {
                many.append("{'execute': 'query-name', 'id': ").append(i).append("} ");
            }
            peer.send(many.toString());
            for (int i = 0; i < 1000; i++) {
                assertThat(peer.readTo("\r\n")).isEqualTo("{\"return\": {\"name\": \"vm\"}, \"id\": " + i + "}\r\n");
            }
        }
    }

    @Test
    void executesOutOfBandAheadOfTheQueue() throws Exception {
        StringBuilder order = new StringBuilder();
        monitors.registry.add("slow", arguments -> {
            order.append('s');
            return new JsonObject();
        });
        monitors.registry.addOutOfBand("fast", arguments -> {
            order.append('f');
            return new JsonObject();
        });
        try (Peer peer = monitors.qmp("q", false)) {
            peer.readTo("\r\n");
            ask(peer, "{'execute': 'qmp_capabilities', 'arguments': {'enable': ['oob']}}");
            peer.send("{'execute': 'slow', 'id': 1} {'execute': 'slow', 'id': 2} {'exec-oob': 'fast', 'id': 3}");
            assertThat(peer.readTo("\"id\": 2}\r\n")).startsWith("{\"return\": {}, \"id\": 3}");
            assertThat(monitors.call(order::toString)).isEqualTo("fss");
            assertThat(ask(peer, "{'exec-oob': 'query-name'}"))
                    .isEqualTo(error(GENERIC, "The command query-name does not support OOB"));
            assertThat(ask(peer, "{'exec-oob': 'nope'}"))
                    .isEqualTo(error(NOT_FOUND, "The command nope has not been found"));
        }
    }

    @Test
    void sendsEventsToEveryMonitorThatHasNegotiated() throws Exception {
        try (Peer first = monitors.negotiated("a");
                Peer second = monitors.negotiated("b");
                Peer third = monitors.qmp("c", false)) {
            third.readTo("\r\n");
            String stop = "{\"timestamp\": {\"seconds\": 7, \"microseconds\": 8}, \"event\": \"STOP\"}\r\n";
            first.send("{'execute': 'stop', 'id': 1}");
            assertThat(first.readTo("\"id\": 1}\r\n")).isEqualTo(stop + "{\"return\": {}, \"id\": 1}\r\n");
            assertThat(second.readTo("\r\n")).isEqualTo(stop);
            assertThat(ask(third, "{'execute': 'qmp_capabilities'}")).isEqualTo("{\"return\": {}}\r\n");
            assertThat(ask(third, "{'execute': 'system_reset'}"))
                    .endsWith("\"event\": \"RESET\", \"data\": {\"guest\": false,"
                            + " \"reason\": \"host-qmp-system-reset\"}}\r\n");
        }
    }

    @Test
    void negotiatesAnewWithTheNextClient() throws Exception {
        try (Peer first = monitors.negotiated("q")) {
            first.send("{'execute': 'query-");
        }
        try (Peer next = Peer.connect(monitors.path("q"))) {
            assertThat(next.readTo("\r\n")).startsWith("{\"QMP\"");
            assertThat(ask(next, "{'execute': 'query-name'}")).contains("Expecting capabilities negotiation");
        }
    }

    @Test
    void aMistakeInACommandIsAnErrorReply() throws Exception {
        monitors.registry.add("broken", arguments -> {
            throw new IllegalStateException("oops");
        });
        try (Peer peer = monitors.negotiated("q")) {
            assertThat(ask(peer, "{'execute': 'broken', 'id': 5}"))
                    .startsWith("{\"id\": 5, \"error\"")
                    .contains("oops");
            assertThat(ask(peer, "{'execute': 'query-name'}")).contains("vm");
        }
    }

    @Test
    void doesNotExecuteForAClientThatReadsNothing() throws Exception {
        int[] executed = {0};
        JsonString large = new JsonString("y".repeat(100_000));
        monitors.registry.add("large", arguments -> {
            executed[0]++;
            return large;
        });
        try (Peer peer = monitors.negotiated("q")) {
            byte[] request = "{'execute': 'large'} ".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            int sent = peer.sendUntilFull(request);
            while (monitors.call(() -> executed[0]) < 11) {
                Thread.onSpinWait();
            }
            for (int i = 0; i < 20; i++) {
                assertThat(monitors.call(() -> executed[0])).isLessThan(30);
            }
            for (int i = 0; i < sent / request.length; i++) {
                assertThat(peer.readTo("\r\n")).hasSize(100_000 + 16);
            }
        }
    }

    @Test
    void indentsWhenAskedTo() throws Exception {
        try (Peer peer = monitors.qmp("q", true)) {
            peer.readTo("}\r\n");
            peer.send("{'execute': 'qmp_capabilities'} {'execute': 'query-name'}");
            peer.readTo("}\r\n");
            assertThat(peer.readTo("}\r\n")).isEqualTo("{\n    \"return\": {\n        \"name\": \"vm\"\n    }\n}\r\n");
        }
    }

    private static String ask(Peer peer, String request) throws Exception {
        peer.send(request);
        return peer.readTo("\r\n");
    }

    private static String error(String errorClass, String text) {
        JsonObject description = new JsonObject().put("class", errorClass).put("desc", text);
        return JsonText.write(new JsonObject().put("error", description)) + "\r\n";
    }

    @Test
    void commandsWaitForTheReplyOfASlowOne() throws Exception {
        List<QmpSlowCommand.Reply> begun = new CopyOnWriteArrayList<>();
        monitors.registry.addSlow("slow", (arguments, reply) -> {
            if (arguments.optionalBool("fail").orElse(false)) {
                throw QmpError.generic("not begun");
            }
            begun.add(reply);
        });
        try (Peer peer = monitors.negotiated("q")) {
            peer.send("{'execute': 'slow', 'id': 1} {'execute': 'query-name', 'id': 2} {'execute': 'slow', 'id': 3}");
            try (Peer other = monitors.negotiated("r")) {
                assertThat(ask(other, "{'execute': 'query-name'}")).contains("vm"); // it is not the program that waits
            }
            assertThat(begun).hasSize(1);
            reply(begun.get(0), true);
            reply(begun.get(0), false); // says nothing any more
            assertThat(peer.readTo("\"id\": 2}\r\n"))
                    .isEqualTo("{\"return\": {}, \"id\": 1}\r\n{\"return\": {\"name\": \"vm\"}, \"id\": 2}\r\n");
            awaitSize(begun, 2);
            reply(begun.get(1), false);
            assertThat(peer.readTo("\r\n"))
                    .isEqualTo("{\"id\": 3, \"error\": {\"class\": \"GenericError\", \"desc\": \"it failed\"}}\r\n");
            assertThat(ask(peer, "{'execute': 'slow', 'arguments': {'fail': true}}"))
                    .isEqualTo(error(GENERIC, "not begun"));
            assertThat(ask(peer, "{'exec-oob': 'slow'}")).contains("unexpected");
            peer.send("{'execute': 'slow'}");
            awaitSize(begun, 3);
        }
        reply(begun.get(2), true); // whoever asked is gone
        try (Peer next = monitors.negotiated("s")) {
            assertThat(ask(next, "{'execute': 'query-name'}")).contains("vm");
        }
    }

    private static void awaitSize(List<?> list, int size) {
        for (int i = 0; list.size() < size; i++) {
            assertThat(i).as("%d of %d within 10 s", list.size(), size).isLessThan(10_000);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void reply(QmpSlowCommand.Reply reply, boolean good) throws Exception {
        monitors.call(() -> {
            if (good) {
                reply.done(new JsonObject());
            } else {
                reply.failed(QmpError.generic("it failed"));
            }
            return true;
        });
    }
}
