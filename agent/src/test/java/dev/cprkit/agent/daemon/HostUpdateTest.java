package dev.cprkit.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.daemon.TestAgent.Answer;
import dev.cprkit.agent.vm.VmName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Updates of many VMs. */
class HostUpdateTest {
    @TempDir
    private Path folder;

    private static void all(TestAgent agent, ExitStatus status) {
        for (VmName vm : agent.vms.names) {
            agent.operations.atOnce(vm, status, Duration.ofMillis(5));
        }
    }

    private static JsonNode end(TestAgent agent, String id) throws Exception {
        JsonNode end = agent.get("/v1/host/update/" + id + "?wait=20").json();
        assertThat(end.path("ended").asText()).as(end.toString()).isNotEmpty();
        return end;
    }

    private static String progress(JsonNode update) {
        StringBuilder text = new StringBuilder();
        for (JsonNode vm : update.path("vms")) {
            text.append(vm.path("vm").asText() + "=" + vm.path("progress").asText() + " ");
        }
        return text.toString().strip();
    }

    @Test
    void all_VMs_are_updated_and_the_same_request_again_is_the_same_update() throws Exception {
        try (TestAgent agent = TestAgent.start(folder)) {
            all(agent, ExitStatus.OK);
            Answer first = agent.ask("PUT", "/v1/host/update/wave", "{}");
            assertThat(first.code()).isEqualTo(201);
            JsonNode end = end(agent, "wave");
            assertThat(end.path("status").asText()).isEqualTo("ok");
            assertThat(end.path("message").asText()).isEqualTo("3 of 3 updated");
            assertThat(progress(end)).isEqualTo("a=ended b=ended c=ended");
            assertThat(agent.ask("PUT", "/v1/host/update/wave", "{}").code()).isEqualTo(200);
            assertThat(agent.ask("POST", "/v1/host/update", "{\"id\":\"wave\"}").code())
                    .isEqualTo(200);
            Answer other = agent.ask("PUT", "/v1/host/update/wave", "{\"concurrency\":1}");
            assertThat(other.code()).isEqualTo(409);
            assertThat(other.message()).isEqualTo("host update wave is another one already: choose another id");
            assertThat(agent.get("/v1/operations/wave.b").json().path("status").asText())
                    .isEqualTo("ok");
            assertThat(agent.get("/v1/host/update").json().path("host-updates")).hasSize(1);
            assertThat(agent.audit)
                    .singleElement()
                    .satisfies(entry -> assertThat(entry.what()).isEqualTo("update of 3 VMs"));
        }
    }

    @Test
    void no_more_are_begun_after_a_failure() throws Exception {
        try (TestAgent agent = TestAgent.start(folder)) {
            all(agent, ExitStatus.OK);
            agent.operations.atOnce(new VmName("b"), ExitStatus.ABORTED, Duration.ZERO);
            agent.ask("PUT", "/v1/host/update/wave", "{\"concurrency\":1}");
            JsonNode end = end(agent, "wave");
            assertThat(end.path("status").asText()).isEqualTo("aborted");
            assertThat(progress(end)).isEqualTo("a=ended b=ended c=skipped");
            assertThat(end.path("message").asText())
                    .isEqualTo("1 of 3 updated, 1 failed; begun no more, because 1 of the updates did not end well");
            agent.ask("PUT", "/v1/host/update/on", "{\"concurrency\":1,\"stop-after-failures\":0}");
            assertThat(progress(end(agent, "on"))).isEqualTo("a=ended b=ended c=ended");
        }
    }

    @Test
    void no_more_are_begun_after_a_pause_that_was_too_long() throws Exception {
        try (TestAgent agent = TestAgent.start(folder)) {
            all(agent, ExitStatus.OK);
            agent.operations.atOnce(new VmName("c"), ExitStatus.OK, Duration.ofMillis(90));
            agent.ask("PUT", "/v1/host/update/wave", "{\"vms\":[\"c\",\"a\"],\"concurrency\":1,\"pause-limit-ms\":50}");
            JsonNode end = end(agent, "wave");
            assertThat(progress(end)).isEqualTo("c=ended a=skipped");
            assertThat(end.path("message").asText())
                    .endsWith("because a guest stood still for 90 ms, and 50 ms is the limit");
        }
    }

    @Test
    void no_more_are_begun_on_a_host_with_too_little_memory() throws Exception {
        try (TestAgent agent = TestAgent.start(folder)) {
            agent.ask("PUT", "/v1/host/update/wave", "{\"memory-reserve-mib\":1073741824}");
            JsonNode end = end(agent, "wave");
            assertThat(progress(end)).isEqualTo("a=skipped b=skipped c=skipped");
            assertThat(end.path("message").asText())
                    .endsWith("because the host has less memory available than 1073741824 MiB");
        }
    }

    @Test
    void as_many_run_at_once_as_are_asked_for_and_a_cancel_ends_them() throws Exception {
        try (TestAgent agent = TestAgent.start(folder)) {
            agent.ask("PUT", "/v1/host/update/wave", "{\"concurrency\":2}");
            TestAgent.await("two", () -> agent.operations.underWay() == 2);
            assertThat(agent.ask("POST", "/v1/host/update/wave/cancel", "").code())
                    .isEqualTo(202);
            JsonNode end = end(agent, "wave");
            assertThat(progress(end)).isEqualTo("a=ended b=ended c=skipped");
            assertThat(end.path("cancelled").asBoolean()).isTrue();
            assertThat(agent.operations.most).isEqualTo(2);
            assertThat(agent.ask("POST", "/v1/host/update/wave/cancel", "").code())
                    .isEqualTo(409);
        }
    }

    @Test
    void the_next_agent_goes_on_and_updates_none_twice_and_none_not_at_all() throws Exception {
        TestAgent first = TestAgent.start(folder);
        first.ask("PUT", "/v1/host/update/wave", "{\"concurrency\":2}");
        TestAgent.await("two", () -> first.operations.underWay() == 2);
        first.operations.finish("wave.a", ExitStatus.OK);
        TestAgent.await("the third", () -> first.operations.find("wave.c").isPresent());
        first.close(); // b and c had not stopped their guests yet, and are backed out
        all(first, ExitStatus.OK);
        try (TestAgent second = TestAgent.after(folder, first)) {
            JsonNode end = end(second, "wave");
            assertThat(end.path("status").asText()).isEqualTo("ok");
            assertThat(progress(end)).isEqualTo("a=ended b=ended c=ended");
            assertThat(second.get("/v1/operations/wave.b").json().path("status").asText())
                    .isEqualTo("aborted");
            assertThat(second.get("/v1/operations/wave.b.2")
                            .json()
                            .path("status")
                            .asText())
                    .isEqualTo("ok");
            assertThat(second.get("/v1/operations?vm=a").json().path("operations"))
                    .hasSize(1);
        }
        try (TestAgent third = TestAgent.after(folder, first)) {
            assertThat(end(third, "wave").path("message").asText()).isEqualTo("3 of 3 updated");
            assertThat(third.get("/v1/operations").json().path("operations")).hasSize(5);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            value = {
                "{\"vms\":[]} => 400 => the field 'vms' names no VM; leave it out for all that are managed",
                "{\"vms\":[\"a\",\"a\"]} => 400 => the field 'vms' must name each VM once, and at most 10000",
                "{\"vms\":[\"../a\"]} => 400 => the field 'vms[0]' is no VM's name: a name has letters, digits, '.',"
                        + " '_' and '-', begins with a letter or a digit, and has at most 63 characters",
                "{\"vms\":[7]} => 400 => the field 'vms[0]' must be a string, not a whole number",
                "{\"vms\":[\"z\"]} => 400 => there is no VM named 'z'; nothing was done",
                "{\"order\":\"random\"} => 400 => the field 'order' is \"random\"; it must be one of given, name,"
                        + " memory",
                "{\"concurrency\":0} => 400 => the field 'concurrency' must be 1 to 1000, not 0",
                "{\"concurrency\":1.5} => 400 => the field 'concurrency' must be a whole number, not a number",
                "{\"stop-after-failures\":-1} => 400 => the field 'stop-after-failures' must be 0 to 10000, not -1",
                "{\"timeout-s\":0} => 400 => the field 'timeout-s' must be more than 0",
                "{\"id\":\"../x\"} => 400 => an id has letters, digits, '.', '_' and '-', begins with a letter or a"
                        + " digit, and has at most 48 characters",
            })
    void a_wrong_request_is_told_what_is_wrong(String body, int code, String message) throws Exception {
        try (TestAgent agent = TestAgent.start(folder)) {
            Answer answer = agent.ask("POST", "/v1/host/update", body);
            assertThat(answer.message()).isEqualTo(message);
            assertThat(answer.code()).isEqualTo(code);
            assertThat(agent.operations.underWay()).isZero();
        }
    }

    @Test
    void of_those_that_have_ended_the_newest_are_kept() throws Exception {
        Path files = folder.resolve("host-updates");
        TestAgent first = TestAgent.start(folder);
        all(first, ExitStatus.OK);
        first.ask("PUT", "/v1/host/update/u", "{\"vms\":[\"a\"]}");
        end(first, "u");
        first.close();
        String record = Files.readString(files.resolve("u.json"));
        for (int i = 1; i < HostUpdateFiles.KEPT; i++) {
            Files.writeString(
                    files.resolve("u" + i + ".json"), record.replace("\"id\":\"u\"", "\"id\":\"u" + i + "\""));
        }
        try (TestAgent agent = TestAgent.after(folder, first)) {
            agent.ask("PUT", "/v1/host/update/more", "{\"vms\":[\"a\"]}");
            end(agent, "more");
            agent.ask("PUT", "/v1/host/update/last", "{\"vms\":[\"a\"]}");
            assertThat(agent.get("/v1/host/update").json().path("host-updates")).hasSize(HostUpdateFiles.KEPT + 1);
            assertThat(agent.get("/v1/host/update/more").code()).isEqualTo(200);
            end(agent, "last");
            try (var left = Files.list(files)) {
                assertThat(left).hasSize(HostUpdateFiles.KEPT + 1);
            }
        }
    }
}
