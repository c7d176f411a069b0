package dev.cprkit.vmm.monitor.hmp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Edits one line on a terminal that sends every key: arrows, Home, End, Delete, Ctrl-A B D E F H K N P U W, history,
 * Tab. It draws with two things that every terminal knows: move the cursor left, and clear the rest of the line.
 */
final class LineEditor {
    private static final int MAX_LINE = 4096;
    private static final int MAX_HISTORY = 64;
    private static final String LEFT = "\033[D";

    private final Host host;
    private final String prompt;
    private final List<String> history = new ArrayList<>();
    private final StringBuilder line = new StringBuilder();
    private final StringBuilder sequence = new StringBuilder();
    private int cursor;
    private int drawnCursor;
    private int historyAt;
    private Escape escape = Escape.NONE;

    /** Whom an editor serves. */
    interface Host {
        /** Draws; each character is one byte for the terminal. */
        void draw(String text);

        /** The line is complete. The host prints the next prompt by {@link #prompt} when it is done with it. */
        void line(String text);

        /** What the text before the cursor can be completed to: whole words that continue its last one. */
        List<String> completions(String beforeCursor);
    }

    private enum Escape {
        NONE,
        STARTED,
        CONTROL_SEQUENCE
    }

    LineEditor(String prompt, Host host) {
        this.prompt = prompt;
        this.host = host;
    }

    /** Begins an empty line. */
    void prompt() {
        line.setLength(0);
        cursor = 0;
        drawnCursor = 0;
        historyAt = history.size();
        host.draw(prompt);
    }

    /** Draws the prompt and the line again, as after other output. */
    void redraw() {
        drawnCursor = 0;
        host.draw(prompt);
        draw();
    }

    /** A byte from the terminal. */
    void key(byte key) {
        switch (escape) {
            case NONE -> plain(key & 0xFF);
            case STARTED -> {
                sequence.setLength(0);
                escape = key == '[' || key == 'O' ? Escape.CONTROL_SEQUENCE : Escape.NONE;
            }
            case CONTROL_SEQUENCE -> {
                sequence.append((char) (key & 0x7F));
                if (key >= '@') {
                    escape = Escape.NONE;
                    control(sequence.toString());
                } else if (sequence.length() > 8) {
                    escape = Escape.NONE;
                }
            }
        }
    }

    private void plain(int key) {
        switch (key) {
            case '\r', '\n' -> {
                enter();
                return;
            }
            case '\t' -> {
                complete();
                return;
            }
            case 27 -> escape = Escape.STARTED;
            case 1 -> cursor = 0;
            case 5 -> cursor = line.length();
            case 2 -> left();
            case 6 -> right();
            case 4 -> delete();
            case 8, 127 -> backspace();
            case 11 -> line.setLength(cursor);
            case 14 -> recall(historyAt + 1);
            case 16 -> recall(historyAt - 1);
            case 21 -> erase(0);
            case 23 -> erase(lastWordStart());
            default -> {
                if (key >= ' ' && line.length() < MAX_LINE) {
                    line.insert(cursor++, (char) key);
                }
            }
        }
        draw();
    }

    private void control(String keys) {
        switch (keys) {
            case "A" -> recall(historyAt - 1);
            case "B" -> recall(historyAt + 1);
            case "C" -> right();
            case "D" -> left();
            case "H", "1~" -> cursor = 0;
            case "F", "4~" -> cursor = line.length();
            case "3~" -> delete();
            default -> {
                return;
            }
        }
        draw();
    }

    private void enter() {
        // Keys come as bytes; what is in the line is UTF-8.
        String text = new String(line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        String raw = line.toString();
        if (!raw.isBlank() && (history.isEmpty() || !history.getLast().equals(raw))) {
            history.remove(raw);
            history.add(raw);
            if (history.size() > MAX_HISTORY) {
                history.removeFirst();
            }
        }
        historyAt = history.size();
        line.setLength(0);
        cursor = 0;
        host.draw("\n");
        host.line(text);
    }

    private void complete() {
        List<String> words = host.completions(line.substring(0, cursor));
        if (words.isEmpty()) {
            return;
        }
        String common = words.getFirst();
        for (String word : words) {
            int same = 0;
            while (same < Math.min(common.length(), word.length()) && common.charAt(same) == word.charAt(same)) {
                same++;
            }
            common = common.substring(0, same);
        }
        int start = wordStart(cursor);
        String ending = words.size() == 1 ? common + " " : common;
        line.replace(start, cursor, ending);
        cursor = start + ending.length();
        if (words.size() > 1) {
            host.draw("\n" + String.join("  ", words) + "\n");
            redraw();
        } else {
            draw();
        }
    }

    private void recall(int index) {
        if (index < 0 || index > history.size()) {
            return;
        }
        historyAt = index;
        line.setLength(0);
        line.append(index < history.size() ? history.get(index) : "");
        cursor = line.length();
    }

    private void left() {
        cursor = Math.max(0, cursor - 1);
    }

    private void right() {
        cursor = Math.min(line.length(), cursor + 1);
    }

    private void backspace() {
        if (cursor > 0) {
            line.deleteCharAt(--cursor);
        }
    }

    private void delete() {
        if (cursor < line.length()) {
            line.deleteCharAt(cursor);
        }
    }

    private void erase(int from) {
        line.delete(from, cursor);
        cursor = from;
    }

    /** Where the word before the cursor starts; the cursor if there is a space before it. */
    private int wordStart(int from) {
        int at = from;
        while (at > 0 && line.charAt(at - 1) != ' ') {
            at--;
        }
        return at;
    }

    private int lastWordStart() {
        int at = cursor;
        while (at > 0 && line.charAt(at - 1) == ' ') {
            at--;
        }
        return wordStart(at);
    }

    private void draw() {
        host.draw(LEFT.repeat(drawnCursor) + line + "\033[K" + LEFT.repeat(line.length() - cursor));
        drawnCursor = cursor;
    }
}
