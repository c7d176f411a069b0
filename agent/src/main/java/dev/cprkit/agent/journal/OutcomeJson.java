package dev.cprkit.agent.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.operation.Operation.Program;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.util.Optional;

/** How an operation ended, as the journal keeps it. */
final class OutcomeJson {
    private OutcomeJson() {}

    static String text(Outcome outcome) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("status", outcome.status().statusName());
        json.put("message", outcome.message());
        json.put("at-ns", Fields.nanos(outcome.at()));
        outcome.mode().ifPresent(mode -> json.put("mode", mode.qapiName()));
        outcome.pause().ifPresent(pause -> json.put("pause-ns", pause.toNanos()));
        outcome.program().ifPresent(program -> put(json.putObject("program"), program));
        outcome.previous().ifPresent(program -> put(json.putObject("previous"), program));
        json.put("output", outcome.output());
        return json.toString();
    }

    private static void put(ObjectNode json, Program program) {
        json.put("path", program.path().toString());
        json.put("sha256", program.sha256());
        json.put("version", program.version());
    }

    static Outcome of(String text) throws JournalException {
        JsonNode json = Fields.parse(text);
        return new Outcome(
                Fields.known(ExitStatus.of(json.path("status").asText()), "status"),
                json.path("message").asText(),
                Fields.instant(json.path("at-ns").asLong()),
                Fields.text(json, "mode").flatMap(MigMode::of),
                Fields.nanos(json, "pause-ns"),
                program(json.path("program")),
                program(json.path("previous")),
                json.path("output").asText());
    }

    private static Optional<Program> program(JsonNode json) {
        return json.isObject()
                ? Optional.of(new Program(
                        Path.of(json.path("path").asText()),
                        json.path("sha256").asText(),
                        json.path("version").asText()))
                : Optional.empty();
    }
}
