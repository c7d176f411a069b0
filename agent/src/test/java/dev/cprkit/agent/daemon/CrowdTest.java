package dev.cprkit.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cprkit.agent.daemon.TestAgent.Answer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callers who take more than they should: the others are served. */
class CrowdTest {
    private static final int CROWD = 10_000;

    @TempDir
    private Path folder;

    @Test
    void ten_thousand_connections_leave_the_agent_small_and_others_served() throws Exception {
        // Each connection that is still open has a descriptor here, and those that the agent keeps one there.
        assumeTrue(descriptors() > CROWD + 2000, "this process may open too few files for it");
        try (TestAgent agent = TestAgent.start(folder, TestAgent.limits(256, 16, Duration.ofSeconds(30)))) {
            System.gc();
            long before = used();
            Deque<SocketChannel> crowd = new ArrayDeque<>();
            try {
                for (int i = 0; i < CROWD; i++) {
                    SocketChannel one = agent.connect();
                    TestAgent.write(one, "GET /healthz HTTP/1.1\r\nHo"); // a request that never becomes whole
                    crowd.add(one);
                    if (i % 1000 == 999) {
                        assertThat(agent.get("/healthz").code()).isEqualTo(200);
                    }
                }
                assertThat(agent.agent.connections().count()).isLessThanOrEqualTo(256);
                assertThat(agent.agent.connections().evicted()).isGreaterThan(CROWD - 1000L);
                System.gc();
                assertThat(used() - before).as("bytes more").isLessThan(64L << 20);
                assertThat(agent.get("/v1/vms/a").code()).isEqualTo(200);
            } finally {
                for (SocketChannel one : crowd) {
                    one.close();
                }
            }
            TestAgent.await(
                    "the end of the crowd", () -> agent.agent.connections().count() == 0);
        }
    }

    private static long descriptors() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
            if (line.startsWith("Max open files")) {
                return Long.parseLong(line.split(" +")[3]);
            }
        }
        return 0;
    }

    private static long used() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void a_newcomer_is_told_when_every_place_has_a_request_under_way() throws Exception {
        try (TestAgent agent = TestAgent.start(folder, TestAgent.limits(8, 16, Duration.ofSeconds(30)))) {
            List<SocketChannel> streams = new ArrayList<>();
            try {
                for (int i = 0; i < 8; i++) {
                    streams.add(stream(agent));
                }
                Answer answer = TestAgent.answer(connectAndAsk(agent));
                assertThat(answer.code()).isEqualTo(503);
                assertThat(answer.message()).isEqualTo("the agent has too many callers; try again");
                assertThat(answer.json().path("status").asText()).isEqualTo("unreachable");
                streams.removeFirst().close();
            } finally {
                for (SocketChannel one : streams) {
                    one.close();
                }
            }
        }
    }

    private static SocketChannel connectAndAsk(TestAgent agent) throws IOException {
        SocketChannel channel = agent.connect();
        try {
            TestAgent.write(channel, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        } catch (IOException e) {
            // turned away already: what it was told is there to be read
        }
        return channel;
    }

    private static SocketChannel stream(TestAgent agent) throws IOException {
        SocketChannel channel = agent.connect();
        TestAgent.write(channel, "GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n");
        ByteBuffer some = ByteBuffer.allocate(4096);
        assertThat(channel.read(some)).isPositive(); // it is served
        return channel;
    }

    @Test
    void a_caller_may_not_wait_more_often_than_is_allowed() throws Exception {
        try (TestAgent agent = TestAgent.start(folder, TestAgent.limits(64, 2, Duration.ofSeconds(30)));
                SocketChannel _ = stream(agent);
                SocketChannel _ = stream(agent)) {
            Answer third = agent.get("/v1/events");
            assertThat(third.code()).isEqualTo(503);
            assertThat(third.message()).isEqualTo("this caller has 2 requests that wait already; end some first");
            assertThat(agent.get("/healthz").code()).isEqualTo(200);
        }
    }

    @Test
    void a_request_that_does_not_become_whole_in_time_is_told_so_and_ended() throws Exception {
        try (TestAgent agent = TestAgent.start(folder, TestAgent.limits(64, 16, Duration.ofSeconds(1)))) {
            try (SocketChannel head = agent.connect();
                    SocketChannel body = agent.connect()) {
                TestAgent.write(head, "GET /healthz HTTP/1.1\r\nHo");
                TestAgent.write(body, "PUT /v1/operations/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{");
                for (Answer answer : List.of(TestAgent.answer(body), TestAgent.answer(head))) {
                    assertThat(answer.code()).isEqualTo(408);
                    assertThat(answer.message()).isEqualTo("the request did not come within 1 s");
                }
            }
            assertThat(agent.get("/healthz").code()).isEqualTo(200);
        }
    }
}
