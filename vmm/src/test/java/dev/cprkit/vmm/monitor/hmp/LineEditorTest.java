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
        "é^?^?e, e",
        "a^[[99~b, ab"
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
        assertThat(screen).contains("system_powerdown  system_reset").endsWith("(qemu) system_\033[K");
        completions = List.of();
        type("^U\t\r");
        assertThat(lines).last().isEqualTo("");
    }

    @Test
    void drawsAsQemuDoes() {
        screen.setLength(0);
        type("in^Ax");
        assertThat(screen).hasToString("i\033[K\033[Din\033[K\033[D\033[Din\033[K\033[D\033[Dxin\033[K\033[D\033[D");
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
