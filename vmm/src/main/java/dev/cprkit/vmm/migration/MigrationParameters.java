package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNull;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.vmm.migration.MigrationParameter.Kind;
import dev.cprkit.vmm.monitor.qmp.QmpArguments;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The values of the migration parameters of this process. They do not travel. Main loop's thread. */
public final class MigrationParameters {
    private final Map<MigrationParameter, JsonValue> values = new EnumMap<>(MigrationParameter.class);

    private Runnable changed = () -> {};

    /** Every parameter at its default. */
    public MigrationParameters() {
        for (MigrationParameter parameter : MigrationParameter.values()) {
            switch (parameter.kind()) {
                case UINT8, UINT32, UINT64, SIZE, POWER_OF_TWO -> values.put(parameter, number(parameter.initial()));
                case BOOL -> values.put(parameter, new JsonBool(false));
                case STRING -> values.put(parameter, new JsonString(""));
                case ENUM ->
                    values.put(parameter, new JsonString(parameter.choices().getFirst()));
                case STRINGS -> values.put(parameter, new JsonArray());
                case LIST -> {} // absent until it is set
            }
        }
    }

    /** The mode of the next migration. */
    public MigMode mode() {
        return MigMode.of(text(MigrationParameter.MODE)).orElseThrow();
    }

    /** A parameter that is a text, or an enumeration's name. */
    public String text(MigrationParameter parameter) {
        return values.get(parameter) instanceof JsonString(String text) ? text : "";
    }

    /** A parameter that is an integer, as an unsigned one of 64 bits. */
    public long number(MigrationParameter parameter) {
        return values.get(parameter) instanceof JsonNumber(BigInteger number, double ignored) && number != null
                ? number.longValue()
                : 0;
    }

    /** Sets what is called whenever parameters have changed. */
    void onChange(Runnable listener) {
        changed = listener;
    }

    /** The argv of {@code cpr-exec-command}. */
    public List<String> execCommand() {
        List<String> words = new ArrayList<>();
        if (values.get(MigrationParameter.CPR_EXEC_COMMAND) instanceof JsonArray array) {
            for (JsonValue word : array.values()) {
                if (word instanceof JsonString(String text)) {
                    words.add(text);
                }
            }
        }
        return words;
    }

    /** The value, as {@code query-migrate-parameters} shows it; empty for the one that is absent until it is set. */
    public Optional<JsonValue> get(MigrationParameter parameter) {
        return Optional.ofNullable(values.get(parameter));
    }

    /** All that have a value. */
    public JsonObject query() {
        JsonObject all = new JsonObject();
        for (Map.Entry<MigrationParameter, JsonValue> entry : values.entrySet()) {
            all.put(entry.getKey().qapiName(), entry.getValue());
        }
        return all;
    }

    /** Sets what {@code migrate-set-parameters} names, all of it or nothing. */
    public void set(QmpArguments arguments) throws QmpError {
        Map<MigrationParameter, JsonValue> next = new EnumMap<>(MigrationParameter.class);
        for (MigrationParameter parameter : MigrationParameter.values()) {
            Optional<JsonValue> value = arguments.any(parameter.qapiName());
            if (value.isPresent()) {
                next.put(parameter, typed(parameter, value.get(), arguments));
            }
        }
        arguments.end();
        for (Map.Entry<MigrationParameter, JsonValue> entry : next.entrySet()) {
            check(entry.getKey(), entry.getValue(), next);
        }
        values.putAll(next);
        changed.run();
    }

    /** Sets one parameter to a value of its JSON type. */
    public void set(MigrationParameter parameter, JsonValue value) throws QmpError {
        set(new QmpArguments(new JsonObject().put(parameter.qapiName(), value)));
    }

    private static JsonValue typed(MigrationParameter parameter, JsonValue value, QmpArguments arguments)
            throws QmpError {
        String name = parameter.qapiName();
        return switch (parameter.kind()) {
            case UINT8, UINT32, UINT64, SIZE, POWER_OF_TWO -> integer(parameter, value, arguments);
            case BOOL -> {
                if (value instanceof JsonBool) {
                    yield value;
                }
                throw arguments.wrongType(name, "boolean");
            }
            case STRING -> {
                if (value instanceof JsonNull) {
                    yield new JsonString("");
                }
                if (value instanceof JsonString) {
                    yield value;
                }
                throw arguments.wrongType(name, "string");
            }
            case ENUM -> {
                if (value instanceof JsonString(String text)) {
                    if (parameter.choices().contains(text)) {
                        yield value;
                    }
                    throw arguments.badEnum(name, text);
                }
                throw arguments.wrongType(name, "string");
            }
            case STRINGS -> strings(name, value, arguments);
            case LIST -> {
                if (value instanceof JsonArray) {
                    yield value;
                }
                throw arguments.wrongType(name, "array");
            }
        };
    }

    private static JsonValue integer(MigrationParameter parameter, JsonValue value, QmpArguments arguments)
            throws QmpError {
        String name = parameter.qapiName();
        if (!(value instanceof JsonNumber(BigInteger number, double ignored)) || number == null) {
            throw arguments.wrongType(name, "integer");
        }
        int bits =
                switch (parameter.kind()) {
                    case UINT8 -> 8;
                    case UINT32 -> 32;
                    case UINT64, SIZE, POWER_OF_TWO, BOOL, STRING, ENUM, STRINGS, LIST -> 64;
                };
        if (number.signum() < 0 || number.bitLength() > bits) {
            throw QmpError.generic(
                    "Parameter '" + name + "' expects " + parameter.kind().qapiName());
        }
        return value;
    }

    private static JsonValue strings(String name, JsonValue value, QmpArguments arguments) throws QmpError {
        if (!(value instanceof JsonArray array)) {
            throw arguments.wrongType(name, "array");
        }
        for (int i = 0; i < array.values().size(); i++) {
            if (!(array.values().get(i) instanceof JsonString)) {
                throw arguments.wrongType(name + "[" + i + "]", "string");
            }
        }
        return value;
    }

    private void check(MigrationParameter parameter, JsonValue value, Map<MigrationParameter, JsonValue> next)
            throws QmpError {
        if (value instanceof JsonNumber(BigInteger number, double ignored)) {
            BigInteger least = parameter.least();
            if (parameter == MigrationParameter.MAX_CPU_THROTTLE) {
                JsonValue initial = next.getOrDefault(
                        MigrationParameter.CPU_THROTTLE_INITIAL, values.get(MigrationParameter.CPU_THROTTLE_INITIAL));
                least = ((JsonNumber) initial).integer();
            }
            boolean bad = number.compareTo(least) < 0
                    || number.compareTo(parameter.most()) > 0
                    || parameter.kind() == Kind.POWER_OF_TWO && number.bitCount() != 1;
            if (bad && parameter == MigrationParameter.VCPU_DIRTY_LIMIT) {
                throw QmpError.generic("Parameter 'vcpu-dirty-limit' must be greater than 1 MB/s");
            }
            if (bad) {
                throw QmpError.generic("Option " + parameter.qapiName() + " expects " + parameter.expects());
            }
        }
        if (parameter == MigrationParameter.DIRECT_IO && value instanceof JsonBool(boolean on) && on) {
            throw QmpError.generic("No build-time support for direct-io");
        }
    }

    private static JsonNumber number(BigInteger value) {
        return new JsonNumber(value, value.doubleValue());
    }
}
