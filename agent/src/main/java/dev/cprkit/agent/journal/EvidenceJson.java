package dev.cprkit.agent.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.hotplug.PlugCommand;
import dev.cprkit.agent.monitor.MigrationSettings;
import dev.cprkit.agent.update.Evidence;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an operation has touched, as the journal keeps it. */
final class EvidenceJson {
    private EvidenceJson() {}

    static String text(Evidence evidence) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("mode", evidence.mode().qapiName());
        put(json.putObject("old"), evidence.old());
        json.put("old-qmp", evidence.oldQmp().toString());
        json.put("old-run-state", evidence.oldRunState());
        json.put("old-mode", evidence.oldMode());
        ObjectNode capabilities = json.putObject("old-capabilities");
        evidence.oldCapabilities().forEach(capabilities::put);
        ObjectNode parameters = json.putObject("old-parameters");
        evidence.oldParameters().forEach(parameters::put);
        json.set("old-command", Fields.array(evidence.oldCommand()));
        ObjectNode environment = json.putObject("environment");
        evidence.environment().forEach(environment::put);
        json.set("command", Fields.array(evidence.command()));
        json.put("directory", evidence.directory().toString());
        json.put("private-folder", evidence.privateFolder().toString());
        evidence.next().ifPresent(next -> put(json.putObject("next"), next));
        evidence.nextQmp().ifPresent(qmp -> json.put("next-qmp", qmp.toString()));
        ArrayNode moves = json.putArray("moves");
        evidence.moves().forEach(move -> put(moves.addObject(), move));
        json.put("log", evidence.log().toString());
        evidence.stateFile().ifPresent(file -> json.put("state-file", file.toString()));
        json.put("ignores-shared", evidence.ignoresShared());
        json.set("plugged", PlugCommand.json(evidence.plugged()));
        json.set("settings", evidence.settings().json());
        return json.toString();
    }

    private static void put(ObjectNode json, ProcessRef process) {
        json.put("pid", process.pid()).put("started", process.started());
    }

    private static void put(ObjectNode json, PathMove move) {
        json.put("label", move.label()).put("kind", move.kind().name());
        json.put("from", move.from()).put("to", move.to()).put("base", move.base());
    }

    static Evidence of(String text) throws JournalException {
        JsonNode json = Fields.parse(text);
        Map<String, Boolean> capabilities = new HashMap<>();
        json.path("old-capabilities")
                .properties()
                .forEach(one -> capabilities.put(one.getKey(), one.getValue().asBoolean()));
        Map<String, Long> parameters = new HashMap<>();
        json.path("old-parameters")
                .properties()
                .forEach(one -> parameters.put(one.getKey(), one.getValue().asLong()));
        Map<String, String> environment = new HashMap<>();
        json.path("environment")
                .properties()
                .forEach(one -> environment.put(one.getKey(), one.getValue().asText()));
        return new Evidence(
                Fields.known(MigMode.of(json.path("mode").asText()), "mode"),
                process(json.path("old")),
                path(json, "old-qmp"),
                json.path("old-run-state").asText(),
                json.path("old-mode").asText(),
                capabilities,
                parameters,
                Fields.texts(json.path("old-command")),
                environment,
                Fields.texts(json.path("command")),
                path(json, "directory"),
                path(json, "private-folder"),
                json.has("next") ? Optional.of(process(json.path("next"))) : Optional.empty(),
                Fields.text(json, "next-qmp").map(Path::of),
                moves(json.path("moves")),
                path(json, "log"),
                Fields.text(json, "state-file").map(Path::of),
                json.path("ignores-shared").asBoolean(),
                plugged(json.path("plugged")),
                MigrationSettings.of(json.path("settings")));
    }

    private static List<PlugCommand> plugged(JsonNode array) throws JournalException {
        try {
            return PlugCommand.of(array);
        } catch (IOException e) {
            return Fields.known(Optional.empty(), "list of what was plugged in");
        }
    }

    private static Path path(JsonNode json, String field) {
        return Path.of(json.path(field).asText());
    }

    private static ProcessRef process(JsonNode json) {
        return new ProcessRef(json.path("pid").asLong(), json.path("started").asLong());
    }

    private static List<PathMove> moves(JsonNode array) throws JournalException {
        List<PathMove> moves = new ArrayList<>();
        for (JsonNode one : array) {
            moves.add(new PathMove(
                    one.path("label").asText(),
                    kind(one.path("kind").asText()),
                    one.path("from").asText(),
                    one.path("to").asText(),
                    one.path("base").asText()));
        }
        return moves;
    }

    private static PathMove.Kind kind(String name) throws JournalException {
        for (PathMove.Kind kind : PathMove.Kind.values()) {
            if (kind.name().equals(name)) {
                return kind;
            }
        }
        return Fields.known(Optional.empty(), "kind of path");
    }
}
