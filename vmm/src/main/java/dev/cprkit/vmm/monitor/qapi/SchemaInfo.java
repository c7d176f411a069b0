package dev.cprkit.vmm.monitor.qapi;

import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonNull;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * query-qmp-schema's answer: commands and events by name, then every type that they use. As in QEMU, types have numbers
 * for names, so that clients cannot come to rely on what they are called; only built-in types and lists of them keep
 * theirs. One answer; not safe for use by several threads.
 */
public final class SchemaInfo {
    private final JsonArray answer = new JsonArray();
    private final Map<QapiType, String> names = new HashMap<>();
    private final List<QapiType> used = new ArrayList<>();
    private int masks;

    private SchemaInfo() {}

    /** Describes the commands that {@code exists} says yes to, and all events. */
    public static JsonArray of(QapiSchema schema, Predicate<String> exists) {
        SchemaInfo info = new SchemaInfo();
        for (String name : schema.commandNames()) {
            if (exists.test(name)) {
                info.command(schema.command(name).orElseThrow());
            }
        }
        for (QapiEvent event : schema.events()) {
            info.add(event.name(), "event").put("arg-type", info.use(event.data()));
        }
        for (int i = 0; i < info.used.size(); i++) {
            info.type(info.used.get(i));
        }
        return info.answer;
    }

    private void command(QapiCommand command) {
        JsonObject entry = add(command.name(), "command")
                .put("arg-type", use(command.arguments()))
                .put("ret-type", use(command.result()));
        if (command.outOfBand()) {
            entry.put("allow-oob", true);
        }
        if (!command.features().isEmpty()) {
            entry.put("features", strings(command.features()));
        }
    }

    private void type(QapiType type) {
        String name = use(type);
        switch (type) {
            case QapiType.Builtin builtin -> add(name, "builtin").put("json-type", builtin.json());
            case QapiType.Enumeration(String ignored, List<String> values) -> {
                JsonArray members = new JsonArray();
                for (String value : values) {
                    members.add(new JsonObject().put("name", value));
                }
                add(name, "enum").put("members", members).put("values", strings(values));
            }
            case QapiType.ListOf(QapiType element) -> add(name, "array").put("element-type", use(element));
            case QapiType.Alternate(String ignored, List<QapiType> types) -> {
                JsonArray members = new JsonArray();
                for (QapiType choice : types) {
                    members.add(new JsonObject().put("type", use(choice)));
                }
                add(name, "alternate").put("members", members);
            }
            case QapiType.Structure structure -> structure(name, structure);
        }
    }

    private void structure(String name, QapiType.Structure structure) {
        JsonArray members = new JsonArray();
        for (QapiType.Member member : structure.members()) {
            JsonObject entry = new JsonObject().put("name", member.name());
            if (member.optional()) {
                entry.put("default", new JsonNull());
            }
            members.add(entry.put("type", use(member.type())));
        }
        JsonObject entry = add(name, "object").put("members", members);
        if (structure.variants().isPresent()) {
            QapiType.Variants variants = structure.variants().get();
            JsonArray cases = new JsonArray();
            for (String value : values(structure, variants.tag())) {
                QapiType.Structure variant = variants.cases().getOrDefault(value, QapiSchema.EMPTY);
                cases.add(new JsonObject().put("case", value).put("type", use(variant)));
            }
            entry.put("tag", variants.tag()).put("variants", cases);
        }
    }

    private static List<String> values(QapiType.Structure structure, String tag) {
        for (QapiType.Member member : structure.members()) {
            if (member.name().equals(tag)
                    && member.type() instanceof QapiType.Enumeration(String ignored, var values)) {
                return values;
            }
        }
        throw new IllegalArgumentException(structure.typeName() + " has no enumeration " + tag);
    }

    private JsonObject add(String name, String kind) {
        JsonObject entry = new JsonObject().put("name", name).put("meta-type", kind);
        answer.add(entry);
        return entry;
    }

    /** The name by which clients see the type; it is described in its turn. */
    private String use(QapiType type) {
        QapiType seen =
                type instanceof QapiType.Builtin builtin && builtin.shown().equals("int") ? QapiType.Builtin.INT : type;
        if (seen instanceof QapiType.ListOf(QapiType.Builtin element)
                && element.shown().equals("int")) {
            seen = new QapiType.ListOf(QapiType.Builtin.INT);
        }
        String name = names.get(seen);
        if (name == null) {
            name = switch (seen) {
                case QapiType.Builtin builtin -> builtin.shown();
                case QapiType.ListOf(QapiType element) -> "[" + use(element) + "]";
                case QapiType.Enumeration e -> masked();
                case QapiType.Alternate a -> masked();
                case QapiType.Structure s -> masked();
            };
            names.put(seen, name);
            used.add(seen);
        }
        return name;
    }

    private String masked() {
        return Integer.toString(masks++);
    }

    private static JsonArray strings(List<String> texts) {
        JsonArray array = new JsonArray();
        for (String text : texts) {
            array.add(new JsonString(text));
        }
        return array;
    }
}
