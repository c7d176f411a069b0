package dev.cprkit.vmm.cli;

import dev.cprkit.proto.json.JsonParseException;
import dev.cprkit.proto.json.JsonText;
import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonObject;

/** An option's argument that is written as a JSON object. Apart, so that other command lines load no JSON parser. */
final class JsonArgument {
    private JsonArgument() {}

    static JsonObject object(String where, String text) throws CommandLineException {
        JsonValue value;
        try {
            value = JsonText.parse(text);
        } catch (JsonParseException e) {
            throw new CommandLineException(where + ": " + e.getMessage());
        }
        if (value instanceof JsonObject object) {
            return object;
        }
        throw new CommandLineException(where + ": a JSON object is needed here");
    }
}
