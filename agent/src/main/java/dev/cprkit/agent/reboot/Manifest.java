package dev.cprkit.agent.reboot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.hotplug.PlugCommand;
import dev.cprkit.agent.monitor.MigrationSettings;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The file {@code manifest.json}. */
final class Manifest {
    private static final int VERSION = 1;
    private static final JsonMapper JSON = new JsonMapper();

    private Manifest() {}

    static String text(SavedVm vm) {
        ObjectNode json = JSON.createObjectNode();
        json.put("version", VERSION);
        ObjectNode record = json.putObject("vm");
        record.put("name", vm.record().name().text());
        record.put("origin", vm.record().origin().name());
        record.put("qmp", vm.record().qmp().toString());
        put(record, "command", vm.record().command());
        record.put("since", vm.record().since().toString());
        json.put("operation", vm.operation());
        json.put("order", vm.order());
        json.put("stopped", vm.stopped().toString());
        json.put("run-state", vm.runState());
        ObjectNode program = json.putObject("program");
        program.put("path", vm.program().path().toString());
        program.put("sha256", vm.program().sha256());
        program.put("version", vm.program().version());
        put(json, "words", vm.words());
        put(json, "arguments", vm.arguments());
        json.put("directory", vm.directory().toString());
        ObjectNode environment = json.putObject("environment");
        vm.environment().forEach(environment::put);
        json.put("qmp", vm.qmp().toString());
        ObjectNode links = json.putObject("links");
        vm.links().forEach((from, to) -> links.put(from.toString(), to.toString()));
        json.put("log", vm.log().toString());
        json.put("state-size", vm.stateSize());
        json.put("state-sha256", vm.stateSha256());
        json.put("ignore-shared", vm.ignoreShared());
        ObjectNode memory = json.putObject("memory");
        vm.memory().forEach((file, size) -> memory.put(file.toString(), size));
        json.set("plugged", PlugCommand.json(vm.plugged()));
        json.set("settings", vm.settings().json());
        return json.toPrettyString() + "\n";
    }

    private static void put(ObjectNode json, String field, List<String> words) {
        words.forEach(json.putArray(field)::add);
    }

    /** Throws an {@link IOException} with a sentence if it is none of ours, or damaged. */
    static SavedVm of(String text) throws IOException {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IOException("it is no JSON: " + e.getOriginalMessage(), e);
        }
        if (json.path("version").asInt() != VERSION) {
            throw new IOException(
                    "its version is " + json.path("version").asText("missing") + ", and this program knows " + VERSION);
        }
        try {
            return new SavedVm(
                    record(json.path("vm")),
                    required(json, "operation").asText(),
                    required(json, "order").asInt(),
                    Instant.parse(required(json, "stopped").asText()),
                    required(json, "run-state").asText(),
                    new Operation.Program(
                            path(json.path("program"), "path"),
                            required(json.path("program"), "sha256").asText(),
                            required(json.path("program"), "version").asText()),
                    words(required(json, "words")),
                    words(required(json, "arguments")),
                    path(json, "directory"),
                    texts(required(json, "environment")),
                    path(json, "qmp"),
                    links(required(json, "links")),
                    path(json, "log"),
                    required(json, "state-size").asLong(),
                    required(json, "state-sha256").asText(),
                    required(json, "ignore-shared").asBoolean(),
                    sizes(required(json, "memory")),
                    PlugCommand.of(required(json, "plugged")),
                    MigrationSettings.of(json.path("settings")));
        } catch (DateTimeException e) {
            throw new IOException("it has a time that is none: " + e.getMessage(), e);
        }
    }

    private static VmRecord record(JsonNode json) throws IOException {
        VmName name = VmName.of(json.path("name").asText())
                .orElseThrow(() -> new IOException("it has no name: " + VmName.rule()));
        String origin = required(json, "origin").asText();
        return new VmRecord(
                name,
                origin.equals(VmRecord.Origin.LAUNCHED.name()) ? VmRecord.Origin.LAUNCHED : VmRecord.Origin.ADOPTED,
                path(json, "qmp"),
                words(required(json, "command")),
                Instant.parse(required(json, "since").asText()));
    }

    private static JsonNode required(JsonNode json, String field) throws IOException {
        if (!json.hasNonNull(field)) {
            throw new IOException("it has no " + field);
        }
        return json.get(field);
    }

    private static Path path(JsonNode json, String field) throws IOException {
        return Path.of(required(json, field).asText());
    }

    private static List<String> words(JsonNode array) {
        List<String> words = new ArrayList<>();
        array.forEach(one -> words.add(one.asText()));
        return words;
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new LinkedHashMap<>();
        object.properties()
                .forEach(one -> texts.put(one.getKey(), one.getValue().asText()));
        return texts;
    }

    private static Map<Path, Path> links(JsonNode object) {
        Map<Path, Path> links = new LinkedHashMap<>();
        texts(object).forEach((from, to) -> links.put(Path.of(from), Path.of(to)));
        return links;
    }

    private static Map<Path, Long> sizes(JsonNode object) {
        Map<Path, Long> sizes = new LinkedHashMap<>();
        object.properties()
                .forEach(one -> sizes.put(Path.of(one.getKey()), one.getValue().asLong()));
        return sizes;
    }
}
