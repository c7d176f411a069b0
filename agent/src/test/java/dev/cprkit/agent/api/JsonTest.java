package dev.cprkit.agent.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {
    private static final VmName WEB = new VmName("web-1");

    @Test
    void an_operation_is_the_same_after_a_journey_through_JSON() throws Exception {
        for (Operation operation : List.of(bare(), ended())) {
            assertThat(OperationJson.operation(
                            Fields.parse(bytes(OperationJson.of(operation).toString()))))
                    .isEqualTo(operation);
        }
        assertThat(OperationJson.operations(Fields.parse(
                        bytes(OperationJson.of(List.of(bare(), ended())).toString()))))
                .containsExactly(bare(), ended());
    }

    @Test
    void a_request_is_the_same_after_a_journey_through_JSON() throws Exception {
        for (OperationSpec spec : List.of(bare().spec(), ended().spec())) {
            assertThat(OperationJson.spec(
                            Fields.parse(bytes(OperationJson.of(spec).toString()))))
                    .isEqualTo(spec);
        }
    }

    @Test
    void a_document_says_what_it_is_and_times_have_their_unit_in_their_name() {
        assertThat(OperationJson.of(ended()).toString())
                .startsWith("{\"schema\":\"cprkit/1\",\"type\":\"operation\",\"id\":\"4711\",\"vm\":\"web-1\","
                        + "\"status\":\"ok\",\"exit-status\":0,\"state\":\"committed\",")
                .contains("\"pause-budget-ms\":250,\"probation-s\":1.5,\"timeout-s\":60")
                .contains("\"pause-ms\":4.217905")
                .contains("\"mode\":\"cpr-exec\"");
        assertThat(OperationJson.of(bare()).toString()).contains("\"status\":\"under-way\",\"exit-status\":8,\"spec\"");
    }

    @Test
    void what_a_newer_agent_adds_to_an_answer_is_passed_over() throws Exception {
        String document = OperationJson.of(ended()).put("colour", "green").toString();
        assertThat(OperationJson.operation(Fields.parse(bytes(document)))).isEqualTo(ended());
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            value = {
                "[] => the document must be an object, not a list",
                "`` => there is no JSON in the body",
                "{\"kind\":\"update\" => the body is not JSON (line 1, column 17): Unexpected end-of-input: expected"
                        + " close marker for Object",
                "{} x => the body is not JSON (line 1, column 4): Unrecognized token 'x': was expecting (JSON String,"
                        + " Number, Array, Object or token 'null', 'true' or 'false')",
                "{\"vm\":\"a\",\"vm\":\"b\"} => the body is not JSON (line 1, column 15): Duplicate field 'vm'",
                "{} => the field 'kind' is missing",
                "{\"kind\":null} => the field 'kind' is missing",
                "{\"kind\":7} => the field 'kind' must be a string, not a whole number",
                "{\"kind\":\"upgrade\"} => the field 'kind' is \"upgrade\"; it must be one of update, rollback,"
                        + " reboot-save, reboot-restore",
                "{\"kind\":\"update\"} => the field 'vm' is missing",
                "{\"kind\":\"update\",\"vm\":[\"a\"]} => the field 'vm' must be a string, not a list",
                "{\"kind\":\"update\",\"vm\":\"../a\"} => the field 'vm' is \"../a\"; a name has letters, digits, '.',"
                        + " '_' and '-', begins with a letter or a digit, and has at most 63 characters",
                "{\"kind\":\"update\",\"vm\":\"a\",\"mode\":\"fast\"} => the field 'mode' is \"fast\"; it must be one"
                        + " of auto, transfer, exec, reboot",
                "{\"kind\":\"update\",\"vm\":\"a\",\"program\":\"bin/vmm\"} => the field 'program' is \"bin/vmm\"; it"
                        + " must be an absolute path without '..'",
                "{\"kind\":\"update\",\"vm\":\"a\",\"program\":\"/opt/../etc/vmm\"} => the field 'program' is"
                        + " \"/opt/../etc/vmm\"; it must be an absolute path without '..'",
                "{\"kind\":\"update\",\"vm\":\"a\",\"program\":\"/a\\u0000b\"} => the field 'program' is \"/a?b\"; it"
                        + " must be an absolute path without '..'",
                "{\"kind\":\"update\",\"vm\":\"a\",\"timeout-s\":\"60\"} => the field 'timeout-s' must be a number,"
                        + " not a string",
                "{\"kind\":\"update\",\"vm\":\"a\",\"timeout-s\":0} => the field 'timeout-s' must be more than 0",
                "{\"kind\":\"update\",\"vm\":\"a\",\"timeout-s\":-1} => the field 'timeout-s' is a time, and must be 0"
                        + " or more and at most a year, not -1",
                "{\"kind\":\"update\",\"vm\":\"a\",\"probation-s\":1e999999999} => the field 'probation-s' is a time,"
                        + " and must be 0 or more and at most a year, not 1E+999999999",
                "{\"kind\":\"update\",\"vm\":\"a\",\"pause-budget-ms\":true} => the field 'pause-budget-ms' must be a"
                        + " number, not true or false",
                "{\"kind\":\"update\",\"vm\":\"a\",\"pausebudget\":1} => the field 'pausebudget' is not known; known"
                        + " are: kind, mode, pause-budget-ms, probation-s, program, schema, timeout-s, type, vm",
                "{\"schema\":\"cprkit/2\",\"kind\":\"update\",\"vm\":\"a\"} => the field 'schema' must be"
                        + " \"cprkit/1\", not \"cprkit/2\"",
                "{\"type\":\"operation\",\"kind\":\"update\",\"vm\":\"a\"} => the field 'type' must be"
                        + " \"operation-spec\", not \"operation\"",
            })
    void a_wrong_request_is_told_in_a_sentence_that_names_the_field(String body, String sentence) {
        ApiException e = catchThrowableOfType(ApiException.class, () -> OperationJson.spec(Fields.parse(bytes(body))));
        assertThat(e).hasMessage(sentence);
        assertThat(e.code()).isEqualTo(HttpCode.BAD_REQUEST);
        assertThat(e.status()).isEqualTo(ExitStatus.USAGE);
    }

    @Test
    void a_deep_document_is_refused_before_it_is_read() {
        String deep = "[".repeat(100_000);
        ApiException e = catchThrowableOfType(ApiException.class, () -> Fields.parse(bytes(deep)));
        assertThat(e).hasMessageContaining("nesting depth");
    }

    @Test
    void every_exit_status_has_a_code_of_HTTP_and_every_error_a_status() {
        for (ExitStatus status : ExitStatus.values()) {
            assertThat(HttpCode.of(status)).isNotNull();
        }
        for (HttpCode code : HttpCode.values()) {
            assertThat(HttpCode.of(code.number())).contains(code);
            assertThat(code.status() == ExitStatus.OK).isEqualTo(code.number() < 300);
        }
    }

    static Operation bare() {
        return new Operation(
                "a-1",
                OperationSpec.of(OperationKind.ROLLBACK, WEB),
                new Caller("root", "unix"),
                Instant.parse("2026-11-20T12:00:00.123456789Z"),
                List.of(),
                List.of(),
                Optional.empty());
    }

    static Operation ended() {
        OperationSpec spec = new OperationSpec(
                OperationKind.UPDATE,
                WEB,
                Optional.of(Path.of("/opt/vmm-2/bin/vmm")),
                ModeChoice.EXEC,
                Optional.of(Duration.ofMillis(250)),
                Duration.ofMillis(1500),
                Duration.ofSeconds(60));
        Instant began = Instant.parse("2026-11-20T12:00:00Z");
        return new Operation(
                "4711",
                spec,
                new Caller("CN=deploy", "tls"),
                began,
                List.of(
                        new Operation.Step(UpdateState.PLANNED, began, Duration.ofNanos(1), "a \"quoted\" detail"),
                        new Operation.Step(UpdateState.COMMITTED, began.plusNanos(7), Duration.ofDays(2), "")),
                List.of(new Finding(Finding.Code.PTY_CHARDEV, "serial0", "it is a pty", "look for its new name")),
                Optional.of(new Operation.Outcome(
                        ExitStatus.OK,
                        "done",
                        began.plusSeconds(1),
                        Optional.of(MigMode.CPR_EXEC),
                        Optional.of(Duration.ofNanos(4_217_905)),
                        Optional.of(new Operation.Program(Path.of("/opt/vmm-2/bin/vmm"), "ab12", "2.0")),
                        Optional.of(new Operation.Program(Path.of("/opt/vmm-1/bin/vmm"), "", "1.0")),
                        "last words\n")));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
