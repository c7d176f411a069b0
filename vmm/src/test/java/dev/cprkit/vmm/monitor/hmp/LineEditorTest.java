package dev.cprkit.vmm.monitor.hmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineEditorTest {
    private final List<String> lines = new ArrayList<>();
    private final StringBuilder screen = new StringBuilder();
    private List<String> completions = List.of();
    private final LineEditor editor = new LineEditor("(qemu) ", new LineEditor.Host() {
        @Override
        public void draw(String text) {
            screen.append(text);
        }

        @Override
        public void line(String text) {
            lines.add(text);
        }

        @Override
        public List<String> completions(String beforeCursor) {
            return completions;
        }
    });

    @BeforeEach
    void begin() {
        editor.prompt();
    }

    @ParameterizedTest
    @CsvSource({
        "ab^?c, ac",
        "b^Aa^Ec, abc",
        "abc^Kd, abcd",
        "abc^A^Kd, d",
        "hello^Ux, x",
        "foo bar^W, 'foo '",
        "foo bar  ^W, 'foo '",
        "ac^[[Db, abc",
        "ac^[[D^[[D^[[Cb, abc",
        "bc^[[Ha^[[F!, abc!",
        "xabc^[[H^[[3~, abc",
        "ab^Bx^Fy, axby",
        "x^A^Dy, y",
        "é^?e, e",
        "aé€😀^B^B^Hx, ax€😀",
        "aé^B^D^Fb, ab",
        "a^[[99~b, ab",
        "a^[[1;5Db, ab",
        "a^[xb, ab",
        "abc^[OHx^[OFy, xabcy",
        "abc^[[1~x^[[4~y, xabcy",
        "abc^[[7~x^[[8~y, xabcy",
        "one^Rtwo, onetwo"
    })
    void edits(String keys, String line) {
        type(keys + "\r");
        assertThat(lines).containsExactly(line);
    }

    @Test
    void takesUtf8() {
        type("\u00e9\u20ac\n");
        assertThat(lines).containsExactly("\u00e9\u20ac");
    }

    @Test
    void recallsHistory() {
        type("one\rtwo\r^[[A^[[A\r^[[A^[[A^[[B^[[B new\r^P\r");
        assertThat(lines).containsExactly("one", "two", "one", " new", " new");
    }

    @Test
    void completesAWordOrShowsTheChoice() {
        completions = List.of("status");
        type("info st\t\r");
        assertThat(lines).containsExactly("info status ");
        completions = List.of("system_powerdown", "system_reset");
        type("s\t");
        assertThat(screen).endsWith("\nsystem_powerdown  system_reset      \n(qemu) system_\033[K");
        completions = List.of("/tmp/");
        type("^U/t\tx\r");
        assertThat(lines).last().as("a folder goes on").isEqualTo("/tmp/x");
        completions = List.of();
        type("^U\t\r");
        assertThat(lines).last().isEqualTo("");
    }

    @Test
    void listsInColumnsAsQemuDoes() {
        completions = List.of("mem", "memdev", "memory-devices", "memory_size_summary");
        type("info me\t");
        assertThat(screen)
                .endsWith("\nmem                  memdev               memory-devices       \n"
                        + "memory_size_summary  \n(qemu) info mem\033[K");
        completions = List.of("q", "quit");
        type("^Uq\t");
        assertThat(screen).endsWith("\nq         quit      \n(qemu) q\033[K");
    }

    /** What QEMU 11.1 writes for the same keys. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '%',
            value = {
                "in % i<K><D>in<K>",
                "in^A % i<K><D>in<K><D><D>",
                "in^Ax % i<K><D>in<K><D><D>xin<K><D><D>",
                "in^A^E % i<K><D>in<K><D><D><C><C>",
                "ab^W % a<K><D>ab<K><D><D><K>",
                "ab^? % a<K><D>ab<K><D><D>a<K>",
                "ab^[[D^[[C % a<K><D>ab<K><D><C>",
                "a^L % a<K><E>[2J<E>[1;1H(qemu) a<K>",
                "a^D^[[3~^C % a<K>",
                "é % é<K>",
                "é^? % é<K><D><K>",
                "日本^A % 日<K><D><D>日本<K><D><D><D><D>",
                "日^? % 日<K><D><D><K>",
            })
    void drawsAsQemuDoes(String keys, String drawn) {
        screen.setLength(0);
        type(keys);
        assertThat(screen.toString()
                        .replace("\033[K", "<K>")
                        .replace("\033[D", "<D>")
                        .replace("\033[C", "<C>")
                        .replace("\033", "<E>"))
                .isEqualTo(drawn);
    }

    @Test
    void dropsWhatIsNoCharacter() {
        for (int value : new int[] {
            'a', 0xc3, 'b', 0x80, 0xff, 0xe2, 0x82, 'c', 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80, 'd', '\r'
        }) {
            editor.key((byte) value);
        }
        assertThat(lines).containsExactly("abcd");
    }

    @Test
    void keepsItsHistory() {
        type("one\rtwo\r  \rone\r");
        assertThat(editor.history()).containsExactly("two", "one");
        for (int i = 0; i < 70; i++) {
            type("line " + i + "\r");
        }
        assertThat(editor.history()).hasSize(64).endsWith("line 69");
    }

    /** Types; {@code ^A} is Ctrl-A, {@code ^?} is delete and {@code ^[} is escape. */
    private void type(String keys) {
        byte[] bytes = keys.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            byte key = bytes[i];
            if (key == '^') {
                key = bytes[++i] == '?' ? 127 : (byte) (bytes[i] & 0x1F);
            }
            editor.key(key);
        }
    }
}
