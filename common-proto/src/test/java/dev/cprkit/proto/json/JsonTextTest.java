package dev.cprkit.proto.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cprkit.proto.json.JsonValue.JsonArray;
import dev.cprkit.proto.json.JsonValue.JsonNumber;
import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.json.JsonValue.JsonString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {
    @Test
    void writesInQemusLayout() {
        JsonObject value = new JsonObject()
                .put("a", 1)
                .put("b", new JsonArray().add(JsonNumber.of(2)).add(new JsonString("x")))
                .put("c", new JsonObject())
                .put("d", true);
        assertThat(JsonText.write(value)).isEqualTo("{\"a\": 1, \"b\": [2, \"x\"], \"c\": {}, \"d\": true}");
    }

    @Test
    void indentsByFourSpaces() {
        JsonObject value =
                new JsonObject().put("a", new JsonArray().add(JsonNumber.of(2)).add(JsonNumber.of(3)));
        assertThat(JsonText.writePretty(value)).isEqualTo("{\n    \"a\": [\n        2,\n        3\n    ]\n}");
    }

    @Test
    void escapesAllThatIsNotPlainAscii() {
        assertThat(JsonText.write(new JsonString("a/b\u007f\b\f\n\r\t\"\\\u0001\u00e9\ud83d\ude00")))
                .isEqualTo("\"a/b\\u007F\\b\\f\\n\\r\\t\\\"\\\\\\u0001\\u00E9\\uD83D\\uDE00\"");
    }

    @ParameterizedTest
    @CsvSource({
        "18446744073709551615, 18446744073709551615",
        "-9223372036854775808, -9223372036854775808",
        "2.5, 2.5",
        "1e3, 1000",
        "-0.0, -0",
        "1e300, 1.0000000000000001e+300",
        "-1e300, -1.0000000000000001e+300",
        "1e100, 1e+100",
        "0.1, 0.10000000000000001",
        "1e-5, 1.0000000000000001e-05",
        "99999999999999999999999, 9.9999999999999992e+22",
        "18446744073709551616, 1.8446744073709552e+19"
    })
    void keepsNumbersAsQemuDoes(String text, String written) throws JsonParseException {
        assertThat(JsonText.write(JsonText.parse(text))).isEqualTo(written);
    }

    @Test
    void takesSingleQuotesAndKeepsTheOrderOfMembers() throws JsonParseException {
        assertThat(JsonText.write(JsonText.parse("{'z': 'it\\'s', \"a\": null}")))
                .isEqualTo("{\"z\": \"it's\", \"a\": null}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "{'a'}", "{'a':1,}", "{'a':1,'a':2}", "[1 2]", "{1:2}", "1 2", "01", "nul", "1e999", "}"
            })
    void refusesWhatIsNotOneValue(String text) {
        assertThatThrownBy(() -> JsonText.parse(text)).isInstanceOf(JsonParseException.class);
    }

    @Test
    void nestingCostsNoStack() throws JsonParseException {
        String deep = "[".repeat(JsonStream.MAX_NESTING) + "]".repeat(JsonStream.MAX_NESTING);
        assertThat(JsonText.parse(deep)).isInstanceOf(JsonArray.class);
        assertThatThrownBy(() -> JsonText.parse("[" + deep + "]")).isInstanceOf(JsonParseException.class);
    }
}
