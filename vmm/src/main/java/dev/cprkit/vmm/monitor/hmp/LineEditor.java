package dev.cprkit.vmm.monitor.hmp;

import java.util.ArrayList;
import java.util.List;

/**
 * Edits one line on a terminal that sends every key: arrows, Home, End, Delete, Ctrl-A B D E F H K L N P U W, history,
 * Tab. It draws as QEMU's monitor does, byte for byte, with what every terminal knows: move the cursor left or right, and
 * clear the rest of the line.
 */
final class LineEditor {
    private static final int MAX_LINE = 4096;
    private static final int MAX_HISTORY = 64;
    private static final int SCREEN = 80;
    private static final int LEAST_COLUMN = 10;
    private static final String LEFT = "\033[D";
    private static final String RIGHT = "\033[C";

    private final Host host;
    private final String prompt;
    private final List<String> history = new ArrayList<>();
    private final StringBuilder line = new StringBuilder();
    private final KeyDecoder decoder = new KeyDecoder(new KeyDecoder.Keys() {
        @Override
        public void character(int codePoint) {
            plain(codePoint);
        }

        @Override
        public void sequence(String text) {
            control(text);
        }
    });
    private int cursor;
    /** What the terminal shows behind the prompt, and in which column of it its cursor is. */
    private String drawn = "";

    private int drawnColumn;
    private int historyAt;

    /** Whom an editor serves. */
    interface Host {
        /** Draws. */
        void draw(String text);

        /** The line is complete. The host prints the next prompt by {@link #prompt} when it is done with it. */
        void line(String text);

        /** What the text before the cursor can be completed to: whole words that continue its last one. */
        List<String> completions(String beforeCursor);
    }

    LineEditor(String prompt, Host host) {
        this.prompt = prompt;
        this.host = host;
    }

    /** Begins an empty line. */
    void prompt() {
        line.setLength(0);
        cursor = 0;
        historyAt = history.size();
        forget();
        host.draw(prompt);
    }

    /** Draws the prompt and the line again, as after other output. */
    void redraw() {
        forget();
        host.draw(prompt);
        draw();
    }

    /** The lines that were entered, oldest first. */
    List<String> history() {
        return List.copyOf(history);
    }

    /** A byte from the terminal. */
    void key(byte key) {
        decoder.take(key);
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
            case 12 -> {
                host.draw("\033[2J\033[1;1H");
                redraw();
                return;
            }
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
                if (!Character.isISOControl(key) && line.length() < MAX_LINE) {
                    line.insert(cursor, Character.toString(key));
                    cursor += Character.charCount(key);
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
            case "H", "1~", "7~" -> cursor = 0;
            case "F", "4~", "8~" -> cursor = line.length();
            case "3~" -> delete();
            default -> {
                return;
            }
        }
        draw();
    }

    private void enter() {
        String text = line.toString();
        if (!text.isBlank()) {
            history.remove(text);
            history.add(text);
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
        String ending = words.size() == 1 && !common.endsWith("/") ? common + " " : common;
        line.replace(start, cursor, ending);
        cursor = start + ending.length();
        if (words.size() > 1) {
            host.draw("\n" + columns(words));
            redraw();
        } else {
            draw();
        }
    }

    /** Words in columns of one width, as many as fit. */
    private static String columns(List<String> words) {
        int widest = 0;
        for (String word : words) {
            widest = Math.max(widest, word.length());
        }
        int width = Math.clamp(widest + 2, LEAST_COLUMN, SCREEN);
        int perRow = SCREEN / width;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < words.size(); i++) {
            text.append(words.get(i))
                    .repeat(' ', Math.max(0, width - words.get(i).length()));
            if (i % perRow == perRow - 1 || i == words.size() - 1) {
                text.append('\n');
            }
        }
        return text.toString();
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
        cursor = cursor == 0 ? 0 : line.offsetByCodePoints(cursor, -1);
    }

    private void right() {
        cursor = cursor == line.length() ? cursor : line.offsetByCodePoints(cursor, 1);
    }

    private void backspace() {
        int end = cursor;
        left();
        line.delete(cursor, end);
    }

    private void delete() {
        int start = cursor;
        right();
        line.delete(start, cursor);
        cursor = start;
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

    /** The terminal's line is empty: its cursor is where the prompt will be. */
    private void forget() {
        drawn = "";
        drawnColumn = 0;
    }

    private void draw() {
        String text = line.toString();
        StringBuilder out = new StringBuilder();
        if (!text.equals(drawn)) {
            out.repeat(LEFT, drawnColumn).append(text).append("\033[K");
            drawn = text;
            drawnColumn = Columns.of(text, 0, text.length());
        }
        int column = Columns.of(text, 0, cursor);
        out.repeat(column < drawnColumn ? LEFT : RIGHT, Math.abs(column - drawnColumn));
        drawnColumn = column;
        if (!out.isEmpty()) {
            host.draw(out.toString());
        }
    }
}
