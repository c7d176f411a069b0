package dev.cprkit.agent.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.vm.VmName;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What all JSON documents have in common: those of the agent's API, and of {@code cprctl --json}. A whole document begins
 * with {@code schema} and {@code type}. Times of day are ISO 8601 in UTC; lengths of time have their unit in their name,
 * {@code -ms} or {@code -s}, and may have decimals. A field whose value nobody knows is left out.
 */
public final class Json {
    /** Changes when a reader of the old documents would misread the new ones. */
    public static final String SCHEMA = "cprkit/1";

    /** The shift of the fields whose unit is that: so many powers of ten below a second. */
    static final int MILLISECONDS = 3;

    static final int SECONDS = 0;

    private Json() {}

    /** An empty document of that type. */
    public static ObjectNode document(String type) {
        return object().put("schema", SCHEMA).put("type", type);
    }

    /** An error's document. */
    public static ObjectNode error(ExitStatus status, String message) {
        return document("error")
                .put("status", status.statusName())
                .put("exit-status", status.number())
                .put("message", message);
    }

    /** The mode in the field {@code mode}, automatic if there is none. */
    public static ModeChoice mode(Fields fields) throws ApiException {
        return fields.optionalNamed(
                        "mode",
                        ModeChoice::of,
                        "it must be one of " + names(ModeChoice.values(), choice -> choice.choiceName()))
                .orElse(ModeChoice.AUTO);
    }

    /** A VM's name in a field. */
    public static VmName vm(Fields fields, String name) throws ApiException {
        return fields.named(name, VmName::of, VmName.rule());
    }

    /** An absolute path in a field, as it stands: without {@code ..}. */
    public static Optional<Path> absolutePath(Fields fields, String name) throws ApiException {
        return fields.optionalNamed(name, Json::absolute, "it must be an absolute path without '..'");
    }

    private static Optional<Path> absolute(String text) {
        try {
            Path path = Path.of(text);
            return path.isAbsolute() && path.normalize().equals(path) && path.getNameCount() > 0
                    ? Optional.of(path)
                    : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** Their names, for a sentence. */
    static <T> String names(T[] values, Function<T, String> name) {
        return Arrays.stream(values).map(name).collect(Collectors.joining(", "));
    }

    static void texts(ArrayNode list, List<String> texts) {
        texts.forEach(list::add);
    }

    /** A length of time for a field whose name ends in {@code -ms}. */
    public static JsonNode milliseconds(Duration time) {
        return time(time, MILLISECONDS);
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Exact: reading it gives the same time again. */
    static JsonNode time(Duration time, int shift) {
        BigDecimal value = BigDecimal.valueOf(time.getSeconds())
                .add(BigDecimal.valueOf(time.getNano(), 9))
                .scaleByPowerOfTen(shift)
                .stripTrailingZeros();
        return DecimalNode.valueOf(value.scale() < 0 ? value.setScale(0) : value);
    }
}
