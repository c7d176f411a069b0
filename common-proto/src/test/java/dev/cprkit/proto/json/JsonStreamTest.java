package dev.cprkit.proto.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JsonStreamTest {
    private final JsonStream stream = new JsonStream();

    @Test
    void cutsSeveralValuesOfOneChunk() {
        assertThat(read("{'a':1}{'b':[2,{}]} \r\n 'x' 12 true\n"))
                .containsExactly("{\"a\": 1}", "{\"b\": [2, {}]}", "\"x\"", "12", "true");
    }

    @Test
    void joinsAValueOfManyChunks() {
        List<String> items = new ArrayList<>();
        for (byte b : "{\"a\\\"}{\": '}', \"b\": [1, \"\u00e9\"]}".getBytes(StandardCharsets.UTF_8)) {
            items.addAll(read(new byte[] {b}));
        }
        assertThat(items).containsExactly("{\"a\\\"}{\": \"}\", \"b\": [1, \"\\u00E9\"]}");
    }

    @Test
    void looksAtNothingBehindTheValueThatWasAskedFor() {
        stream.feed("{}@@".getBytes(StandardCharsets.UTF_8), 0, 4);
        assertThat(stream.next()).containsInstanceOf(JsonStream.Item.Value.class);
        assertThat(stream.next()).containsInstanceOf(JsonStream.Item.Malformed.class);
    }

    @Test
    void goesOnBehindGarbageAsQemuDoes() {
        assertThat(read("abc def @!foo {'ok':1}\n"))
                .containsExactly(
                        "1:1: JSON parse error, invalid keyword 'abc'",
                        "1:5: JSON parse error, invalid keyword 'def'",
                        "1:9: JSON parse error, stray '@'",
                        "{\"ok\": 1}");
        assertThat(read("{\"a\":@}\n{}"))
                .containsExactly("2:6: JSON parse error, stray '@'", "2:7: JSON parse error, expecting value", "{}");
        assertThat(read("}{}")).containsExactly("3:3: JSON parse error, expecting value", "{}");
        assertThat(read("\u0000{}")).containsExactly("{}");
    }

    @Test
    void endsAStringAtTheEndOfItsLine() {
        assertThat(read("{\"execute\":\"x\n{}")).containsExactly("1:12: JSON parse error, stray '\"x\n'", "{}");
    }

    @Test
    void refusesInvalidUtf8() {
        assertThat(read(new byte[] {'{', '"', (byte) 0xC3, '(', '"', ':', '1', '}', '{', '}'}))
                .containsExactly("1:2: JSON parse error, invalid UTF-8 sequence in string", "{}");
        assertThat(read(new byte[] {(byte) 0xFF, '{', '}'}))
                .containsExactly("1:11: JSON parse error, stray '\ufffd'", "{}");
    }

    @Test
    void skipsTheLineOfAValueThatIsTooDeep() {
        String deep = "[".repeat(JsonStream.MAX_NESTING + 1) + "]".repeat(JsonStream.MAX_NESTING + 1);
        assertThat(read(deep + "\n{}")).containsExactly("JSON nesting depth limit exceeded", "{}");
        String deepest = "[".repeat(JsonStream.MAX_NESTING) + "]".repeat(JsonStream.MAX_NESTING);
        assertThat(read(deepest)).hasSize(1).first().asString().startsWith("[[");
    }

    @Test
    void skipsTheLineOfAValueThatIsTooLarge() {
        JsonStream small = new JsonStream(100);
        byte[] bytes = ("{'a': '" + "x".repeat(200) + "'}\n{}").getBytes(StandardCharsets.UTF_8);
        small.feed(bytes, 0, bytes.length);
        assertThat(items(small)).containsExactly("JSON token size limit exceeded", "{}");
    }

    @Test
    void takesALineOfTenMebibytes() {
        assertThat(read("{'a': '" + "x".repeat(10 << 20) + "'}\n"))
                .hasSize(1)
                .first()
                .asString()
                .hasSize((10 << 20) + 9);
        assertThat(read("y".repeat(10 << 20) + "\n{}"))
                .hasSize(2)
                .allSatisfy(item -> assertThat(item).hasSizeLessThan(400));
    }

    @Test
    void forgetsWhatADifferentPeerBegan() {
        assertThat(read("{'a': [")).isEmpty();
        stream.clear();
        assertThat(read("{}")).containsExactly("{}");
    }

    private List<String> read(String text) {
        return read(text.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> read(byte[] bytes) {
        stream.feed(bytes, 0, bytes.length);
        return items(stream);
    }

    /** Values as text, mistakes as their reason. */
    private static List<String> items(JsonStream stream) {
        List<String> items = new ArrayList<>();
        for (Optional<JsonStream.Item> item = stream.next(); item.isPresent(); item = stream.next()) {
            items.add(
                    switch (item.get()) {
                        case JsonStream.Item.Value(JsonValue value) -> JsonText.write(value);
                        case JsonStream.Item.Malformed(String reason) -> reason;
                    });
        }
        return items;
    }
}
