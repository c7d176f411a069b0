package dev.cprkit.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.daemon.TestAgent.Answer;
import dev.cprkit.agent.host.TrustedPath;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.update.UpdateState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every endpoint, asked as curl asks. */
class ApiTest {
    private static final String UPDATE = "{\"kind\":\"update\",\"vm\":\"a\"}";

    private TestAgent agent;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        agent = TestAgent.start(folder);
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    @Test
    void the_socket_is_for_its_user_and_its_group() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(agent.socket)))
                .isEqualTo("rw-rw----");
    }

    @Test
    void a_file_that_is_no_socket_is_left_where_it_is(@TempDir Path other) throws Exception {
        Path file = Files.createDirectories(other.resolve("run")).resolve("agent.sock");
        Files.writeString(file, "precious");
        assertThatThrownBy(() -> TestAgent.start(other))
                .hasMessage(
                        file + " is there already, and is no socket; 'socket' in the configuration names the agent's");
        assertThat(file).hasContent("precious");
        assertThatThrownBy(() -> TestAgent.start(agent.socket.getParent().getParent()))
                .hasMessage("another agent listens at " + agent.socket);
    }

    @Test
    void it_tells_that_it_is_well_and_that_it_is_not() throws Exception {
        Answer well = agent.get("/healthz");
        assertThat(well.code()).isEqualTo(200);
        assertThat(well.json().path("status").asText()).isEqualTo("ok");
        assertThat(well.head()).contains("Content-Type: application/json").doesNotContain("Server:");
        agent.trouble = Optional.of("the disk is full");
        Answer ill = agent.get("/healthz");
        assertThat(ill.code()).isEqualTo(503);
        assertThat(ill.message()).isEqualTo("the disk is full");
    }

    @Test
    void VMs_are_listed_and_shown() throws Exception {
        Answer all = agent.get("/v1/vms");
        assertThat(all.code()).isEqualTo(200);
        assertThat(all.json().path("type").asText()).isEqualTo("vms");
        assertThat(all.json().path("vms")).hasSize(3);
        assertThat(all.json().path("damaged").path(0).asText()).isEqualTo("one is damaged");
        Answer one = agent.get("/v1/vms/b");
        assertThat(one.json().path("vm").asText()).isEqualTo("b");
        assertThat(one.json().path("vm-status").path("version").asText()).isEqualTo("11.1.3");
    }

    @Test
    void a_VM_is_checked_and_planned_with_and_without_a_body() throws Exception {
        assertThat(agent.ask("POST", "/v1/vms/a/check", "").json().path("asked").asText())
                .isEqualTo("auto");
        Answer check = agent.ask("POST", "/v1/vms/a/check", "{\"program\":\"/usr/bin/env\",\"mode\":\"exec\"}");
        assertThat(check.code()).isEqualTo(200);
        assertThat(check.json().path("program").asText()).contains("/usr/bin/env");
        assertThat(check.json().path("asked").asText()).isEqualTo("exec");
        assertThat(agent.ask("POST", "/v1/vms/a/plan", "{}").json().path("type").asText())
                .isEqualTo("plan");
    }

    @Test
    void the_same_request_again_is_the_same_operation_and_another_of_that_id_a_conflict() throws Exception {
        Answer first = agent.ask("PUT", "/v1/operations/one", UPDATE);
        assertThat(first.code()).isEqualTo(201);
        assertThat(first.json().path("caller").path("through").asText()).isEqualTo("unix");
        assertThat(first.json().path("caller").path("who").asText())
                .isEqualTo(TrustedPath.self().getName());
        assertThat(agent.ask("PUT", "/v1/operations/one", UPDATE).code()).isEqualTo(200);
        Answer other = agent.ask("PUT", "/v1/operations/one", UPDATE.replace("update", "rollback"));
        assertThat(other.code()).isEqualTo(409);
        assertThat(other.json().path("status").asText()).isEqualTo("conflict");
        assertThat(other.message()).isEqualTo("operation one is another one");
        assertThat(agent.ask("PUT", "/v1/operations/two", UPDATE).code()).isEqualTo(409);
        assertThat(agent.get("/v1/operations?vm=a").json().path("operations")).hasSize(1);
        assertThat(agent.get("/v1/operations?vm=b&most=5").json().path("operations"))
                .isEmpty();
    }

    private CompletableFuture<Answer> poll(String target) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return agent.get(target);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                task -> Thread.ofPlatform().daemon().start(task));
    }

    @Test
    void a_long_poll_waits_for_the_end_and_not_longer() throws Exception {
        agent.ask("PUT", "/v1/operations/one", UPDATE);
        CompletableFuture<Answer> poll = poll("/v1/operations/one?wait=60");
        Answer early = agent.get("/v1/operations/one?wait=0.05");
        assertThat(early.json().path("status").asText()).isEqualTo("under-way");
        agent.operations.enter("one", UpdateState.PLANNED);
        agent.operations.finish("one", ExitStatus.OK);
        Answer end = poll.get(20, TimeUnit.SECONDS);
        assertThat(end.json().path("status").asText()).isEqualTo("ok");
        assertThat(end.json().path("outcome").path("pause-ms").asInt()).isEqualTo(5);
    }

    @Test
    void operations_are_cancelled_committed_and_rolled_back_and_all_of_it_is_audited() throws Exception {
        agent.ask("PUT", "/v1/operations/one", UPDATE);
        assertThat(agent.ask("POST", "/v1/operations/one/commit", "").code()).isEqualTo(202);
        assertThat(agent.operations.committed).containsExactly("one");
        Answer cancelled = agent.ask("POST", "/v1/operations/one/cancel", "");
        assertThat(cancelled.code()).isEqualTo(202);
        assertThat(cancelled.json().path("status").asText()).isEqualTo("aborted");
        Answer again = agent.ask("POST", "/v1/operations/one/cancel", "");
        assertThat(again.code()).isEqualTo(409);
        assertThat(again.message()).isEqualTo("operation one has ended already, as 'aborted'");
        assertThat(agent.ask("POST", "/v1/operations/one/rollback", "").message())
                .isEqualTo("operation one ended as 'aborted': there is nothing to roll back");

        agent.ask("PUT", "/v1/operations/two", UPDATE);
        agent.operations.finish("two", ExitStatus.OK);
        Answer back = agent.ask("POST", "/v1/operations/two/rollback", "");
        assertThat(back.code()).isEqualTo(201);
        assertThat(back.json().path("id").asText()).isEqualTo("two.rollback");
        assertThat(back.json().path("spec").path("kind").asText()).isEqualTo("rollback");
        assertThat(agent.ask("POST", "/v1/operations/two/rollback", "").code()).isEqualTo(202);
        assertThat(agent.audit)
                .extracting(entry -> entry.what() + " " + entry.operation() + " " + entry.result())
                .containsExactly("commit a one ok", "cancel a one ok");
    }

    @Test
    void a_program_must_be_where_programs_may_come_from_and_nobody_else_may_write(@TempDir Path folder)
            throws Exception {
        Path own = Files.createFile(folder.resolve("vmm"));
        Answer elsewhere = agent.ask(
                "PUT", "/v1/operations/one", UPDATE.replace("}", ",\"program\":\"" + own.toRealPath() + "\"}"));
        assertThat(elsewhere.code()).isEqualTo(422);
        assertThat(elsewhere.json().path("status").asText()).isEqualTo("refused");
        assertThat(elsewhere.message())
                .startsWith(
                        own.toRealPath() + " is in none of the directories that updates may be taken from (/usr/bin,");
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(agent.ask("PUT", "/v1/operations/one", UPDATE.replace("}", ",\"program\":\"" + own + "\"}"))
                        .message())
                .isEqualTo(
                        "the program " + own.toRealPath() + " may be changed by others: it may be written to by all");
        assertThat(agent.ask("PUT", "/v1/operations/one", UPDATE.replace("}", ",\"program\":\"/usr/bin/none\"}"))
                        .message())
                .isEqualTo("there is no program /usr/bin/none");
        assertThat(agent.ask("PUT", "/v1/operations/one", UPDATE.replace("}", ",\"program\":\"/usr/bin/env\"}"))
                        .code())
                .isEqualTo(201);
    }

    @Test
    void the_program_that_is_not_named_must_be_an_allowed_one_too() throws Exception {
        agent.vms.program = Optional.of(new Program(List.of("/tmp/none"), List.of()));
        assertThat(agent.ask("PUT", "/v1/operations/one", UPDATE).message()).isEqualTo("there is no program /tmp/none");
        // The loader is the system's own; what it loads is not.
        agent.vms.program =
                Optional.of(new Program(List.of("/usr/bin/env", "--library-path", "/l", "/tmp/q"), List.of()));
        assertThat(agent.ask("PUT", "/v1/operations/one", UPDATE).message()).isEqualTo("there is no program /tmp/q");
        assertThat(agent.operations.history(Optional.empty(), 10)).isEmpty();
    }

    @Test
    void what_is_loaded_with_a_program_must_not_be_changed_by_others(@TempDir Path folder) throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        agent.vms.program = Optional.of(new Program(
                List.of("/usr/bin/env", "--library-path", "/usr/lib:" + folder, "/usr/bin/true"), List.of()));
        Answer answer = agent.ask("PUT", "/v1/operations/one", UPDATE);
        assertThat(answer.code()).isEqualTo(422);
        assertThat(answer.message())
                .isEqualTo("the program /usr/bin/true is started with what is not safe: " + folder
                        + " may be changed by others: it may be written to by all");
    }

    @Test
    void an_update_to_whatever_runs_is_refused_while_nobody_can_tell_what_that_is() throws Exception {
        agent.vms.program = Optional.empty();
        Answer answer = agent.ask("PUT", "/v1/operations/one", UPDATE);
        assertThat(answer.code()).isEqualTo(503);
        assertThat(answer.message())
                .isEqualTo("VM a does not answer, so nobody can tell which program it would be updated to; nothing was"
                        + " done");
        assertThat(agent.operations.history(Optional.empty(), 10)).isEmpty();
    }

    @Test
    void metrics_count_what_was_done() throws Exception {
        agent.ask("PUT", "/v1/operations/one", UPDATE);
        agent.operations.enter("one", UpdateState.PLANNED);
        agent.operations.enter("one", UpdateState.CHECKED);
        agent.operations.finish("one", ExitStatus.OK);
        agent.ask("PUT", "/v1/operations/two", UPDATE);
        Answer metrics = agent.get("/metrics");
        assertThat(metrics.head()).contains("Content-Type: text/plain; version=0.0.4");
        assertThat(metrics.body())
                .contains("cprkit_operations_total{kind=\"update\",status=\"ok\"} 1\n")
                .contains("cprkit_operations_total{kind=\"update\",status=\"aborted\"} 0\n")
                .contains("cprkit_operations_under_way 1\n")
                .contains("cprkit_pause_seconds_bucket{mode=\"cpr-transfer\",le=\"0.002\"} 0\n")
                .contains("cprkit_pause_seconds_bucket{mode=\"cpr-transfer\",le=\"0.005\"} 1\n")
                .contains("cprkit_pause_seconds_count{mode=\"cpr-transfer\"} 1\n")
                .contains("cprkit_phase_seconds_sum{state=\"checked\"} 0.001\n")
                .contains("cprkit_vms{version=\"11.1.3\",run_state=\"running\",presence=\"answers\"} 3\n")
                .contains("cprkit_http_answers_total{code=\"201\"} 2\n");
    }

    @Test
    void a_bug_and_a_full_disk_are_told_in_a_sentence() throws Exception {
        agent.operations.failWith(ExitStatus.REFUSED, "the disk of the journal is full; nothing was done");
        Answer full = agent.ask("PUT", "/v1/operations/one", UPDATE);
        assertThat(full.code()).isEqualTo(422);
        assertThat(full.message()).isEqualTo("the disk of the journal is full; nothing was done");
        agent.operations.failWith(ExitStatus.ATTENTION, "the journal is damaged");
        assertThat(agent.ask("PUT", "/v1/operations/one", UPDATE).code()).isEqualTo(500);
    }

    @Test
    void a_user_may_do_what_a_rule_says_and_no_more(@TempDir Path open) throws Exception {
        assumeTrue(TrustedPath.self().equals(TrustedPath.root()), "only root becomes somebody else");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (TestAgent ruled =
                TestAgent.start(open, TestAgent.rules(new AccessRule(Role.READER, new AccessRule.User("nobody"))))) {
            Files.setPosixFilePermissions(ruled.socket, PosixFilePermissions.fromString("rw-rw-rw-"));
            assertThat(curlAsNobody(ruled, "http://x/v1/vms/a")).contains("\"vm\":\"a\"");
            assertThat(curlAsNobody(ruled, "-X", "PUT", "-d", UPDATE, "http://x/v1/operations/one"))
                    .contains(
                            "\"status\":\"not-authorised\",\"exit-status\":10,\"message\":\"'nobody' is a reader here,"
                                + " and that needs an operator; 'allow' in the agent's configuration gives roles\"");
            assertThat(ruled.audit).singleElement().satisfies(entry -> {
                assertThat(entry.caller().who()).isEqualTo("nobody");
                assertThat(entry.what()).isEqualTo("PUT /v1/operations/one");
                assertThat(entry.result()).isEqualTo("not-authorised");
            });
            assertThat(ruled.operations.find("one")).isEmpty();
        }
    }

    private static String curlAsNobody(TestAgent agent, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        command.addAll(List.of("curl", "--silent", "--max-time", "20", "--unix-socket", agent.socket.toString()));
        command.addAll(List.of(words));
        Process curl = new ProcessBuilder(command).start();
        String answer = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(curl.waitFor()).isZero();
        return answer;
    }

    @Test
    void an_operation_of_a_VM_that_is_not_there_is_not_begun() throws Exception {
        Answer none = agent.ask("PUT", "/v1/operations/one", UPDATE.replace("\"a\"", "\"none\""));
        assertThat(none.code()).isEqualTo(404);
        assertThat(none.message()).isEqualTo("there is no VM named 'none'; nothing was done");
        assertThat(agent.get("/v1/operations/one").code()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            value = {
                "GET /v1/nothing => 404 => there is nothing at that path; /v1/openapi.json tells what there is",
                "GET / => 404 => there is nothing at that path; /v1/openapi.json tells what there is",
                "GET /v1/vms/../../etc/passwd => 404 => there is nothing at that path; /v1/openapi.json tells what"
                        + " there is",
                "GET /v1/vms/.. => 404 => there is nothing at that path; /v1/openapi.json tells what there is",
                "GET /v1/vms/%2e%2e%2fetc => 400 => the request is wrong; nothing was done: Ambiguous URI path"
                        + " separator",
                "GET /v1/vms/.hidden => 400 => that is no VM's name: a name has letters, digits, '.', '_' and '-',"
                        + " begins with a letter or a digit, and has at most 63 characters",
                "GET /v1/vms/none => 404 => there is no VM of that name",
                "POST /v1/vms/none/check => 404 => there is no VM of that name",
                "DELETE /v1/vms/a => 405 => that path knows GET only",
                "GET /v1/vms/a/check => 405 => that path knows POST only",
                "GET /v1/operations/none => 404 => there is no operation of that id",
                "POST /v1/operations/none/cancel => 404 => there is no operation of that id",
                "GET /v1/operations?vm=../a => 400 => the parameter 'vm' is no VM's name: a name has letters, digits,"
                        + " '.', '_' and '-', begins with a letter or a digit, and has at most 63 characters",
                "GET /v1/operations?most=x => 400 => the parameter 'most' must be a whole number from 1 to 1000",
                "GET /v1/operations?most=0 => 400 => the parameter 'most' must be a whole number from 1 to 1000",
                "GET /v1/operations?colour=x => 400 => the parameter 'colour' is not known; known are: most, vm",
                "GET /v1/operations?most=1&most=2 => 400 => the parameter 'most' is there twice",
                "GET /v1/operations/x?wait=-1 => 400 => the parameter 'wait' must be a number of seconds from 0 to 300",
                "GET /v1/operations/x?wait=1e99 => 400 => the parameter 'wait' must be a number of seconds from 0 to"
                        + " 300",
                "GET /v1/events?after=x => 400 => the header 'Last-Event-ID' and the parameter 'after' take the id of"
                        + " an event",
                "GET /healthz?x=1 => 400 => the parameter 'x' is not known; known are: none",
                "PUT /v1/operations/x => 400 => there is no JSON in the body",
                "PUT /v1/host/update/.x => 400 => there is no JSON in the body",
                "GET /v1/host/update/none => 404 => there is no host update of that id",
                "BREW /v1/vms => 405 => that path knows GET only",
            })
    void a_wrong_request_is_told_what_is_wrong(String request, int code, String message) throws Exception {
        int space = request.indexOf(' ');
        Answer answer = agent.ask(request.substring(0, space), request.substring(space + 1), "");
        assertThat(answer.message()).isEqualTo(message);
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.json().path("type").asText()).isEqualTo("error");
        assertThat(answer.json().path("schema").asText()).isEqualTo("cprkit/1");
        assertThat(answer.json().path("status").asText()).isEqualTo("usage");
    }

    @Test
    void what_is_not_HTTP_and_what_is_too_much_of_it_gets_an_error_in_JSON() throws Exception {
        assertThat(agent.raw("hello\r\n\r\n").code()).isEqualTo(400);
        Answer headers = agent.raw("GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(20_000) + "\r\n\r\n");
        assertThat(headers.code()).isEqualTo(431);
        assertThat(headers.json().path("type").asText()).isEqualTo("error");
        assertThat(agent.raw("GET /" + "y".repeat(20_000) + " HTTP/1.1\r\nHost: x\r\n\r\n")
                        .code())
                .isEqualTo(414);
        assertThat(agent.raw("GET /healthz HTTP/3.0\r\nHost: x\r\n\r\n").code()).isEqualTo(505);
        assertThat(agent.get("/healthz").code()).isEqualTo(200);
    }

    @Test
    void a_body_of_more_than_a_mebibyte_is_refused_whether_it_says_so_or_not() throws Exception {
        Answer said = agent.raw("PUT /v1/operations/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n");
        assertThat(said.code()).isEqualTo(413);
        assertThat(said.message()).isEqualTo("a request may have at most 1048576 bytes");
        String chunk = "10000\r\n" + " ".repeat(0x10000) + "\r\n";
        Answer unsaid = agent.raw(
                "PUT /v1/operations/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk.repeat(17));
        assertThat(unsaid.code()).isEqualTo(413);
        assertThat(agent.get("/healthz").code()).isEqualTo(200);
    }

    @Test
    void a_stop_ends_waits_and_begins_nothing_more() throws Exception {
        agent.ask("PUT", "/v1/operations/one", UPDATE);
        CompletableFuture<Answer> poll = poll("/v1/operations/one?wait=200");
        TestAgent.await("the poll", () -> agent.operations.awaited > 0);
        agent.close();
        // It had not stopped its guest yet, so it was asked to back out.
        Operation one = agent.operations.find("one").orElseThrow();
        assertThat(one.outcome().orElseThrow().status()).isEqualTo(ExitStatus.ABORTED);
        assertThat(poll.get(20, TimeUnit.SECONDS).json().path("status").asText())
                .isEqualTo("aborted");
        assertThat(agent.socket).doesNotExist();
        assertThat(agent.operations.listeners()).isZero();
    }
}
