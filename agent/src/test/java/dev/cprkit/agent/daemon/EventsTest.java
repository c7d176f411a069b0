package dev.cprkit.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.AgentClient;
import dev.cprkit.agent.api.RemoteOperations;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationListener;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.vm.VmName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The stream of events, raw and through the client; and the rest of the client. */
@Timeout(120)
class EventsTest {
    private static final OperationSpec UPDATE = OperationSpec.of(OperationKind.UPDATE, new VmName("a"));

    @TempDir
    private Path folder;

    /** Notes what it is told. */
    private static final class Notes implements OperationListener {
        final BlockingQueue<String> notes = new LinkedBlockingQueue<>();

        @Override
        public void began(Operation operation) {
            notes.add("began " + operation.id());
        }

        @Override
        public void entered(Operation operation, Operation.Step step) {
            notes.add("entered " + operation.id() + " " + step.state().stateName());
        }

        @Override
        public void ended(Operation operation) {
            notes.add("ended " + operation.id() + " "
                    + operation.outcome().orElseThrow().status().statusName());
        }

        List<String> next(int count) throws InterruptedException {
            List<String> next = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                next.add(Optional.ofNullable(notes.poll(20, TimeUnit.SECONDS)).orElse("nothing"));
            }
            return next;
        }
    }

    private static void update(TestAgent agent, String id) throws Exception {
        agent.ask("PUT", "/v1/operations/" + id, "{\"kind\":\"update\",\"vm\":\"a\"}");
        agent.operations.enter(id, UpdateState.PLANNED);
        agent.operations.enter(id, UpdateState.CHECKED);
        agent.operations.finish(id, ExitStatus.OK);
    }

    /** What has come up to and with the event that ends an operation. */
    private static String readTo(SocketChannel channel, String end) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer some = ByteBuffer.allocate(4096);
        while (!all.toString(StandardCharsets.UTF_8).contains(end) && channel.read(some.clear()) >= 0) {
            all.write(some.array(), 0, some.position());
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    private static List<String> lines(String text, String prefix) {
        return text.lines()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()).strip())
                .toList();
    }

    @SuppressWarnings("try") // the agent is closed in the middle: that is what is tested
    @Test
    void events_have_ids_and_a_caller_that_comes_back_is_told_what_it_missed() throws Exception {
        try (TestAgent agent = TestAgent.start(folder)) {
            List<String> ids;
            try (SocketChannel channel = agent.connect()) {
                TestAgent.write(channel, "GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n");
                String head = readTo(channel, "retry: 500");
                assertThat(head).contains("Content-Type: text/event-stream");
                update(agent, "one");
                String text = readTo(channel, "event: ended");
                assertThat(lines(text, "event:")).containsExactly("began", "entered", "entered", "ended");
                ids = lines(text, "id:");
                assertThat(ids).doesNotHaveDuplicates().isSorted();
            }
            try (SocketChannel channel = agent.connect()) {
                TestAgent.write(
                        channel, "GET /v1/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: " + ids.get(1) + "\r\n\r\n");
                String text = readTo(channel, "event: ended");
                assertThat(lines(text, "event:")).containsExactly("entered", "ended");
                assertThat(lines(text, "id:")).isEqualTo(ids.subList(2, 4));
            }
            String last = ids.getFirst();
            agent.close();
            try (TestAgent next = TestAgent.after(folder, agent);
                    SocketChannel channel = next.connect()) {
                TestAgent.write(channel, "GET /v1/events?after=" + last + " HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(lines(readTo(channel, "event: ended"), "event:"))
                        .containsExactly("began", "entered", "entered", "ended"); // began a second time: none is lost
            }
        }
    }

    @Test
    void what_another_process_does_is_told_from_the_journal_and_each_thing_once() throws Exception {
        Notes notes = new Notes();
        try (TestAgent agent = TestAgent.start(folder);
                RemoteOperations remote = new RemoteOperations(agent.socket);
                var _ = remote.subscribe(notes)) {
            agent.operations.elsewhere = true;
            agent.operations.begin(Optional.of("theirs"), UPDATE);
            agent.operations.enter("theirs", UpdateState.PLANNED);
            agent.foreign = 1;
            assertThat(notes.next(2)).containsExactly("began theirs", "entered theirs planned");
            agent.operations.finish("theirs", ExitStatus.OK);
            agent.foreign = 2;
            assertThat(notes.next(1)).containsExactly("ended theirs ok");
            agent.operations.elsewhere = false;
            update(agent, "ours");
            agent.foreign = 3;
            assertThat(notes.next(4))
                    .containsExactly("began ours", "entered ours planned", "entered ours checked", "ended ours ok");
        }
    }

    @Test
    void the_client_tells_each_event_once_even_if_the_agent_is_restarted_under_it() throws Exception {
        TestAgent first = TestAgent.start(folder);
        Notes notes = new Notes();
        RemoteOperations remote = new RemoteOperations(first.socket);
        try (var _ = remote.subscribe(notes)) {
            update(first, "one");
            assertThat(notes.next(4))
                    .containsExactly("began one", "entered one planned", "entered one checked", "ended one ok");
            first.close();
            // While no agent is there, somebody else does something; the journal knows it.
            first.operations.begin(Optional.of("two"), UPDATE);
            first.operations.enter("two", UpdateState.PLANNED);
            try (TestAgent second = TestAgent.after(folder, first)) {
                assertThat(notes.next(2)).containsExactly("began two", "entered two planned");
                second.operations.finish("two", ExitStatus.OK);
                assertThat(notes.next(1)).containsExactly("ended two ok");
                assertThat(notes.notes).isEmpty();
            }
        }
    }

    @Test
    void the_client_is_an_OperationService_like_any_other() throws Exception {
        try (TestAgent agent = TestAgent.start(folder);
                RemoteOperations remote = new RemoteOperations(agent.socket)) {
            assertThat(AgentClient.answers(agent.socket)).isTrue();
            Operation begun = remote.begin(Optional.of("one"), UPDATE);
            assertThat(begun.spec()).isEqualTo(UPDATE);
            assertThat(remote.find("one")).contains(begun);
            assertThat(remote.find("none")).isEmpty();
            assertThat(remote.await("one", Duration.ofMillis(50)).outcome()).isEmpty();
            agent.operations.finish("one", ExitStatus.OK);
            assertThat(remote.await("one", Duration.ofSeconds(20)).outcome()).isPresent();
            assertThat(remote.history(Optional.of(new VmName("a")), 5)).hasSize(1);
            Operation made = remote.begin(Optional.empty(), UPDATE);
            assertThat(made.id()).isNotEmpty();
            assertThat(remote.commit(made.id()).outcome()).isEmpty();
            assertThat(remote.cancel(made.id()).outcome().orElseThrow().status())
                    .isEqualTo(ExitStatus.ABORTED);

            OperationException conflict = catchThrowableOfType(
                    OperationException.class,
                    () -> remote.begin(Optional.of("one"), OperationSpec.of(OperationKind.SAVE, new VmName("a"))));
            assertThat(conflict.status()).isEqualTo(ExitStatus.CONFLICT);
            assertThat(conflict).hasMessage("operation one is another one");
            assertThat(catchThrowableOfType(OperationException.class, () -> remote.await("none", Duration.ZERO)))
                    .hasMessage("there is no operation of that id");
        }
        assertThat(AgentClient.answers(folder.resolve("run/agent.sock"))).isFalse();
        OperationException gone = catchThrowableOfType(
                OperationException.class, () -> new RemoteOperations(folder.resolve("run/agent.sock")).find("one"));
        assertThat(gone.status()).isEqualTo(ExitStatus.UNREACHABLE);
        assertThat(gone).hasMessageStartingWith("the agent at " + folder.resolve("run/agent.sock"));
    }

    @Test
    void a_listener_that_does_not_listen_is_dropped_and_holds_nobody_up() throws Exception {
        EventHub hub = new EventHub(new Metrics());
        try (EventHub.Listener listener = hub.listen(0, List.of())) {
            FakeOperations operations = new FakeOperations();
            operations.subscribe(hub);
            operations.begin(Optional.of("one"), UPDATE);
            for (int i = 0; i < 2048; i++) {
                operations.enter("one", UpdateState.PLANNED);
            }
            List<Long> numbers = new ArrayList<>();
            while (!listener.isEnded()) {
                listener.next(Duration.ofSeconds(20)).ifPresent(event -> numbers.add(event.number()));
            }
            assertThat(numbers).hasSize(2048).isSorted();
            assertThat(Collections.max(numbers)).isPositive();
        }
    }

    @Test
    void what_another_process_does_is_told_when_the_journal_shows_it() throws Exception {
        EventHub hub = new EventHub(new Metrics());
        FakeOperations others = new FakeOperations();
        others.begin(Optional.of("before"), UPDATE);
        others.finish("before", ExitStatus.OK);
        hub.knows(others.history(Optional.empty(), 10));
        try (EventHub.Listener listener = hub.listen(0, List.of())) {
            others.begin(Optional.of("one"), UPDATE);
            hub.look(others.history(Optional.empty(), 10));
            others.enter("one", UpdateState.PLANNED);
            others.finish("one", ExitStatus.OK);
            hub.look(others.history(Optional.empty(), 10));
            hub.look(others.history(Optional.empty(), 10));
            List<String> kinds = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                kinds.add(listener.next(Duration.ofSeconds(20))
                        .orElseThrow()
                        .event()
                        .kind()
                        .kindName());
            }
            assertThat(kinds).containsExactly("began", "entered", "ended");
            assertThat(listener.next(Duration.ZERO)).isEmpty();
        }
    }
}
