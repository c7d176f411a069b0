package dev.cprkit.vmm.monitor.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNull;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.MigrationStatus;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.monitor.qapi.QapiSchema;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** query-qmp-schema says what is so: read as a client reads it, and held against what the commands take. */
class SchemaTest {
    @TempDir
    private Path folder;

    private MonitorFixture monitors;
    private final Map<String, JsonObject> entries = new LinkedHashMap<>();

    @BeforeEach
    void start() throws Exception {
        monitors = new MonitorFixture(folder);
        JsonArray schema = (JsonArray) JsonText.parse(monitors.run("query-qmp-schema", "{}"));
        for (JsonValue value : schema.values()) {
            JsonObject entry = (JsonObject) value;
            assertThat(entries.put(text(entry, "name"), entry)).isNull();
        }
    }

    @AfterEach
    void stop() {
        monitors.close();
    }

    @Test
    void describesExactlyTheCommandsThatThereAre() {
        List<String> described = new ArrayList<>();
        entries.forEach((name, entry) -> {
            if (text(entry, "meta-type").equals("command")) {
                described.add(name);
            }
        });
        List<String> registered = new ArrayList<>(monitors.registry.names());
        registered.add("qmp_capabilities");
        assertThat(described).containsExactlyInAnyOrderElementsOf(registered);
    }

    @Test
    void everyCommandTakesWhatItsSchemaSaysAndNothingElse() throws Exception {
        for (String name : monitors.registry.names()) {
            JsonObject type = entries.get(text(entries.get(name), "arg-type"));
            JsonObject sample = (JsonObject) sample(type);
            for (JsonValue value : array(type, "members")) {
                JsonObject member = (JsonObject) value;
                String memberName = text(member, "name");
                if (!member.members().containsKey("default")) {
                    JsonObject without = new JsonObject(new LinkedHashMap<>(sample.members()));
                    without.members().remove(memberName);
                    assertThat(monitors.run(name, JsonText.write(without)))
                            .as(name)
                            .isEqualTo("GenericError: Parameter '" + memberName + "' is missing");
                } else {
                    sample.put(memberName, sample(entries.get(text(member, "type"))));
                }
            }
            sample.put("no-such-member", 1);
            String answer = monitors.run(name, JsonText.write(sample));
            // The device's own properties are not in the schema; whether they exist is the driver's to say.
            assertThat(answer)
                    .as(name)
                    .isEqualTo(
                            name.equals("device_add")
                                    ? "GenericError: '' is not a valid device model name"
                                    : "GenericError: Parameter 'no-such-member' is unexpected");
        }
    }

    @Test
    void outOfBandIsWhatTheSchemaSays() {
        for (String name : monitors.registry.names()) {
            boolean declared = entries.get(name).members().containsKey("allow-oob");
            assertThat(monitors.registry.isOutOfBand(name)).as(name).isEqualTo(declared);
        }
        assertThat(monitors.registry.isOutOfBand("yank")).isTrue();
    }

    @Test
    void enumerationsAreThoseOfTheProgram() {
        assertThat(QapiSchema.instance().values("MigMode"))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(MigMode.values()).map(MigMode::qapiName).toList());
        assertThat(QapiSchema.instance().values("MigrationStatus"))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(MigrationStatus.values())
                        .map(MigrationStatus::qapiName)
                        .toList());
        assertThat(QapiSchema.instance().values("RunState"))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(RunState.values()).map(RunState::qapiName).toList());
    }

    @Test
    void namesTypesByNumberAsQemuDoes() {
        entries.forEach((name, entry) -> {
            switch (text(entry, "meta-type")) {
                case "enum", "object", "alternate" -> assertThat(name).matches("[0-9]+");
                case "array" -> assertThat(name).matches("\\[([0-9]+|str|int)]");
                case "builtin" -> assertThat(name).isIn("str", "int", "bool", "number", "any", "null");
                default -> assertThat(name).matches("[A-Za-z_][-_A-Za-z0-9]*");
            }
        });
        assertThat(text(entries.get("STOP"), "arg-type")).isEqualTo(text(entries.get("stop"), "arg-type"));
    }

    private JsonValue sample(JsonObject type) {
        return switch (text(type, "meta-type")) {
            case "builtin" ->
                switch (text(type, "json-type")) {
                    case "string" -> new JsonString("");
                    case "boolean" -> new JsonBool(false);
                    case "int", "number" -> JsonNumber.of(0);
                    default -> new JsonNull();
                };
            case "enum" -> array(type, "values").getFirst();
            case "array" -> new JsonArray().add(sample(entries.get(text(type, "element-type"))));
            case "alternate" ->
                sample(entries.get(text((JsonObject) array(type, "members").getFirst(), "type")));
            default -> object(type);
        };
    }

    private JsonObject object(JsonObject type) {
        JsonObject sample = new JsonObject();
        for (JsonValue value : array(type, "members")) {
            JsonObject member = (JsonObject) value;
            if (!member.members().containsKey("default")) {
                sample.put(text(member, "name"), sample(entries.get(text(member, "type"))));
            }
        }
        if (type.members().containsKey("tag")) {
            for (JsonValue value : array(type, "variants")) {
                JsonObject variant = (JsonObject) value;
                if (variant.members().get("case").equals(sample.members().get(text(type, "tag")))) {
                    sample.members()
                            .putAll(object(entries.get(text(variant, "type"))).members());
                }
            }
        }
        return sample;
    }

    private static List<JsonValue> array(JsonObject object, String member) {
        return ((JsonArray) object.members().get(member)).values();
    }

    private static String text(JsonObject object, String member) {
        return ((JsonString) object.members().get(member)).value();
    }
}
