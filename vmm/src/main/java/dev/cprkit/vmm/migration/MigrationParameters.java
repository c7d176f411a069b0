package dev.cprkit.vmm.migration;

import dev.cprkit.proto.json.JsonValue;
import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonBool;
import dev.cprkit.proto.json.JsonValue.JsonNull;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.vmm.monitor.qmp.QmpArguments;
import dev.cprkit.vmm.monitor.qmp.QmpError;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The values of the migration parameters of this process, which do not travel (reference/qemu-cpr.md, section 1.1). They
 * may change while a migration runs; who wants to know listens. Main loop's thread.
 */
public final class MigrationParameters {
    /** Is told of a parameter that was set, when it has its value. */
    @FunctionalInterface
    public interface Listener {
        void changed(MigrationParameter parameter);
    }

    /** A rule that a set of parameters must keep besides their ranges. */
    @FunctionalInterface
    interface Rule {
        void check(MigrationParameters next) throws QmpError;
    }

    private final Map<MigrationParameter, JsonValue> values;
    private final List<Listener> listeners = new ArrayList<>();
    private final List<Rule> rules = new ArrayList<>();

    /** Every parameter at its default. */
    public MigrationParameters() {
        values = new EnumMap<>(MigrationParameter.class);
        for (MigrationParameter parameter : MigrationParameter.values()) {
            if (!parameter.isAbsentAtFirst()) {
                values.put(parameter, initial(parameter));
            }
        }
    }

    private MigrationParameters(Map<MigrationParameter, JsonValue> values) {
        this.values = values;
    }

    private static JsonValue initial(MigrationParameter parameter) {
        return switch (parameter.kind()) {
            case UINT8, UINT32, UINT64, SIZE, POWER_OF_TWO -> number(parameter.initial());
            case BOOL -> new JsonBool(false);
            case STRING -> new JsonString("");
            case ENUM -> new JsonString(parameter.choices().getFirst());
            case STRINGS, LIST -> new JsonArray();
        };
    }

    /** Tells somebody of every parameter that is set from now on, until {@link #unlisten}. */
    public void listen(Listener listener) {
        listeners.add(listener);
    }

    /** Ends {@link #listen}; harmless when it was never begun. */
    public void unlisten(Listener listener) {
        listeners.remove(listener);
    }

    /** Has every later change keep a rule. */
    void require(Rule rule) {
        rules.add(rule);
    }

    /** The mode of the next migration. */
    public MigMode mode() {
        return MigMode.of(text(MigrationParameter.MODE)).orElseThrow();
    }

    /** A parameter that is a text, or an enumeration's name; empty if it is absent. */
    public String text(MigrationParameter parameter) {
        return values.get(parameter) instanceof JsonString(String text) ? text : "";
    }

    /** A parameter that is a number, its 64 bits unsigned; the range is the parameter's. */
    public long number(MigrationParameter parameter) {
        return values.get(parameter) instanceof JsonNumber(BigInteger number, double ignored) ? number.longValue() : 0;
    }

    /** A parameter that is a switch. */
    public boolean flag(MigrationParameter parameter) {
        return values.get(parameter) instanceof JsonBool(boolean on) && on;
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

    /** The value, as {@code query-migrate-parameters} shows it; empty for those that are absent until they are set. */
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
        Map<MigrationParameter, JsonValue> given = new EnumMap<>(MigrationParameter.class);
        for (MigrationParameter parameter : MigrationParameter.VISITED) {
            Optional<JsonValue> value = arguments.any(parameter.qapiName());
            if (value.isPresent()) {
                given.put(parameter, typed(parameter, value.get(), arguments));
            }
        }
        arguments.end();
        Map<MigrationParameter, JsonValue> next = new EnumMap<>(values);
        next.putAll(given);
        ParameterChecks.check(next);
        for (Rule rule : rules) {
            rule.check(new MigrationParameters(next));
        }
        values.putAll(given);
        for (MigrationParameter parameter : given.keySet()) {
            for (Listener listener : List.copyOf(listeners)) {
                listener.changed(parameter);
            }
        }
    }

    /** Sets one parameter to a value of its JSON type. */
    public void set(MigrationParameter parameter, JsonValue value) throws QmpError {
        set(new QmpArguments(new JsonObject().put(parameter.qapiName(), value)));
    }

    /** Puts a value of the right type in without any check: {@link #checkAll} follows when all are in. */
    void preset(MigrationParameter parameter, JsonValue value) {
        values.put(parameter, value);
    }

    /** Checks what {@link #preset} put in. */
    void checkAll() throws QmpError {
        ParameterChecks.check(values);
        for (Rule rule : rules) {
            rule.check(this);
        }
    }

    private static JsonValue typed(MigrationParameter parameter, JsonValue value, QmpArguments arguments)
            throws QmpError {
        String name = parameter.qapiName();
        return switch (parameter.kind()) {
            case UINT8 -> number(arguments.unsigned(name, 8).orElseThrow());
            case UINT32 -> number(arguments.unsigned(name, 32).orElseThrow());
            case UINT64, SIZE, POWER_OF_TWO ->
                number(arguments.unsigned(name, 64).orElseThrow());
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
                throw arguments.wrongType(name, "StrOrNull");
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
            case LIST -> BitmapMapping.typed(name, value, arguments);
        };
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

    private static JsonNumber number(BigInteger value) {
        return new JsonNumber(value, value.doubleValue());
    }
}
