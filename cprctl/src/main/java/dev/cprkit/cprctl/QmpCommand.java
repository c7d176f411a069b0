package dev.cprkit.cprctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.cprctl.output.Screen;
import dev.cprkit.proto.client.QmpException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code cprctl qmp}. */
@Command(
        name = "qmp",
        customSynopsis = {"cprctl qmp [OPTIONS] VM JSON", "      cprctl qmp [OPTIONS] --qmp PATH JSON"},
        header = "Send one QMP command to a VM.",
        description = {
            "Prints what the command returns. JSON is the whole command, such as {\"execute\": \"query-status\"}, or"
                    + " only its name if it needs no arguments. A command that the VM refuses gives exit status 3.",
            ""
        })
final class QmpCommand extends Verb {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    @Mixin
    private MonitorTarget target;

    @Parameters(
            index = "0..*",
            arity = "0..*",
            paramLabel = "[VM] JSON",
            description = "The VM's name, and the command.")
    private List<String> words = new ArrayList<>();

    @Override
    ExitStatus run(Screen screen) throws OperationException {
        MonitorTarget.Words given = target.split(this, words);
        if (given.rest().size() != 1) {
            throw wrong("say which command: one word of JSON, or a command's name");
        }
        ObjectNode command = command(given.rest().getFirst());
        screen.waitingFor("waiting for the VM's answer");
        try (var qmp = MonitorTarget.connect(given.vm())) {
            ObjectNode arguments = command.path("arguments") instanceof ObjectNode given2
                    ? given2
                    : JsonNodeFactory.instance.objectNode();
            JsonNode answer = qmp.execute(command.path("execute").asText(), arguments, MonitorTarget.LIMIT);
            if (screen.json()) {
                ObjectNode document = Json.document("qmp");
                document.set("return", answer);
                screen.document(document);
            } else {
                screen.line(answer.toPrettyString());
            }
            return ExitStatus.OK;
        } catch (QmpException e) {
            throw MonitorTarget.failure(e);
        }
    }

    private ObjectNode command(String text) {
        if (!text.strip().startsWith("{")) {
            if (text.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '-' || c == '_') && !text.isEmpty()) {
                return JsonNodeFactory.instance.objectNode().put("execute", text);
            }
            throw wrong("'" + text + "' is neither JSON nor a command's name");
        }
        try {
            if (MAPPER.readTree(text) instanceof ObjectNode command
                    && command.path("execute").isTextual()
                    && (!command.has("arguments") || command.get("arguments").isObject())) {
                return command;
            }
        } catch (JsonProcessingException e) {
            throw wrong("the command is not JSON");
        }
        throw wrong("a QMP command is an object with \"execute\" and, if it needs them, \"arguments\"");
    }
}
