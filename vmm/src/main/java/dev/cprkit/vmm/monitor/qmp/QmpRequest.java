package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonStream;
import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import java.util.Map;
import java.util.Optional;

/** One message of a QMP client, checked as far as it can be without knowing the commands. */
sealed interface QmpRequest {
    /** What the reply is to repeat. */
    Optional<JsonValue> id();

    /** A command. */
    record Command(String name, JsonObject arguments, Optional<JsonValue> id, boolean outOfBand)
            implements QmpRequest {}

    /** Something else; the reply is this error. */
    record Invalid(QmpError error, Optional<JsonValue> id) implements QmpRequest {}

    /** Reads a message (reference/qemu-cpr.md, section 8.1). */
    static QmpRequest of(JsonStream.Item item) {
        return switch (item) {
            case JsonStream.Item.Malformed(String reason) -> new Invalid(QmpError.generic(reason), Optional.empty());
            case JsonStream.Item.Value(JsonObject message) -> of(message);
            case JsonStream.Item.Value ignored ->
                new Invalid(QmpError.generic("QMP input must be a JSON object"), Optional.empty());
        };
    }

    private static QmpRequest of(JsonObject message) {
        Optional<JsonValue> id = Optional.ofNullable(message.members().get("id"));
        try {
            return command(message, id);
        } catch (QmpError e) {
            return new Invalid(e, id);
        }
    }

    private static Command command(JsonObject message, Optional<JsonValue> id) throws QmpError {
        String verb = "";
        String name = "";
        JsonObject arguments = new JsonObject();
        for (Map.Entry<String, JsonValue> member : message.members().entrySet()) {
            String key = member.getKey();
            switch (key) {
                case "execute", "exec-oob" -> {
                    if (!(member.getValue() instanceof JsonString(String text))) {
                        throw QmpError.generic("QMP input member '" + key + "' must be a string");
                    }
                    if (!verb.isEmpty()) {
                        throw QmpError.generic("QMP input member '" + key + "' clashes with '" + verb + "'");
                    }
                    verb = key;
                    name = text;
                }
                case "arguments" -> {
                    if (!(member.getValue() instanceof JsonObject object)) {
                        throw QmpError.generic("QMP input member 'arguments' must be an object");
                    }
                    arguments = object;
                }
                case "id" -> {}
                default -> throw QmpError.generic("QMP input member '" + key + "' is unexpected");
            }
        }
        if (verb.isEmpty()) {
            throw QmpError.generic("QMP input lacks member 'execute'");
        }
        return new Command(name, arguments, id, verb.equals("exec-oob"));
    }
}
