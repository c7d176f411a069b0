package dev.cprkit.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.HttpCode;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.OperationKind;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The description of the API says what the code does, and the other way round. */
class OpenApiTest {
    @TempDir
    private Path folder;

    @Test
    void each_route_parameter_role_and_code_is_described_and_nothing_else() throws Exception {
        try (TestAgent agent = TestAgent.start(folder)) {
            JsonNode description = agent.get("/v1/openapi.json").json();
            TreeMap<String, String> described = new TreeMap<>();
            for (var path : description.path("paths").properties()) {
                for (var method : path.getValue().properties()) {
                    described.put(
                            method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(),
                            described(method.getValue()));
                }
            }
            TreeMap<String, String> coded = new TreeMap<>();
            for (Route route : agent.agent.routes()) {
                coded.put(route.method() + " " + route.template(), coded(route));
            }
            assertThat(described).isEqualTo(coded);
        }
    }

    private static String described(JsonNode method) {
        TreeSet<String> query = new TreeSet<>();
        TreeSet<String> path = new TreeSet<>();
        for (JsonNode parameter : method.path("parameters")) {
            switch (parameter.path("in").asText()) {
                case "query" -> query.add(parameter.path("name").asText());
                case "path" -> path.add(parameter.path("name").asText());
                default -> assertThat(parameter.path("name").asText()).isEqualTo("Last-Event-ID");
            }
        }
        TreeSet<String> codes = new TreeSet<>();
        for (var answer : method.path("responses").properties()) {
            codes.add(answer.getKey());
            HttpCode code = HttpCode.of(Integer.parseInt(answer.getKey())).orElseThrow();
            assertThat(answer.getValue().path("description").asText()).isEqualTo(code.meaning());
        }
        return method.path("x-role").asText() + " " + path + " " + query + " " + codes;
    }

    private static String coded(Route route) {
        TreeSet<String> path = new TreeSet<>();
        Matcher matcher = Pattern.compile("\\{(\\w+)}").matcher(route.template());
        while (matcher.find()) {
            path.add(matcher.group(1));
        }
        TreeSet<String> codes = new TreeSet<>();
        route.codes().forEach(code -> codes.add(Integer.toString(code.number())));
        Route.ALWAYS.forEach(code -> codes.add(Integer.toString(code.number())));
        return route.needed().map(Role::roleName).orElse("none") + " " + path + " " + new TreeSet<>(route.query()) + " "
                + codes;
    }

    @Test
    void the_names_in_it_are_those_of_the_code() throws Exception {
        try (TestAgent agent = TestAgent.start(folder)) {
            JsonNode schemas =
                    agent.get("/v1/openapi.json").json().path("components").path("schemas");
            assertThat(values(schemas.path("error").path("properties").path("status")))
                    .isEqualTo(names(ExitStatus.values(), status -> status.statusName()));
            JsonNode spec = schemas.path("operation-spec").path("properties");
            assertThat(values(spec.path("kind"))).isEqualTo(names(OperationKind.values(), kind -> kind.kindName()));
            assertThat(values(spec.path("mode"))).isEqualTo(names(ModeChoice.values(), mode -> mode.choiceName()));
            assertThat(values(
                            schemas.path("host-update-spec").path("properties").path("order")))
                    .isEqualTo(names(HostUpdateSpec.Order.values(), order -> order.orderName()));
            // A request with a field that is not known is told those that are: they are the described ones.
            String operation = agent.ask("PUT", "/v1/operations/x", "{\"kind\":\"update\",\"vm\":\"a\",\"x\":1}")
                    .message();
            String many = agent.ask("POST", "/v1/host/update", "{\"x\":1}").message();
            assertThat(operation).isEqualTo(unknown(schemas.path("operation-spec")));
            assertThat(many).isEqualTo(unknown(schemas.path("host-update-spec")));
        }
    }

    private static String unknown(JsonNode schema) {
        TreeSet<String> fields = new TreeSet<>();
        schema.path("properties").fieldNames().forEachRemaining(fields::add);
        return "the field 'x' is not known; known are: " + String.join(", ", fields);
    }

    private static Set<String> values(JsonNode field) {
        TreeSet<String> values = new TreeSet<>();
        field.path("enum").forEach(value -> values.add(value.asText()));
        return values;
    }

    private static <T> Set<String> names(T[] values, Function<T, String> name) {
        return Arrays.stream(values).map(name).collect(Collectors.toCollection(TreeSet::new));
    }
}
