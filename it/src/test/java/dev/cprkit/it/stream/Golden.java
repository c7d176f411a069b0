package dev.cprkit.it.stream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;

/**
 * A recorded stream with its bytes explained: a text file of lines {@code OFFSET = HEX  WHAT}. A line with {@code ~} has
 * bytes that differ from one recording to the next; what stands there is the recorded one's. {@code #} begins a comment.
 */
record Golden(List<Line> lines) {
    private static final int WIDTH = 32;
    private static final int COLUMN = 80;

    /** Some bytes of one meaning. */
    record Line(int offset, boolean varies, byte[] bytes, String what) {}

    static Golden read(Path file) throws IOException {
        List<Line> lines = new ArrayList<>();
        for (String text : Files.readAllLines(file)) {
            if (!text.startsWith("#") && !text.isEmpty()) {
                String[] words = text.split(" +", 4);
                lines.add(new Line(
                        Integer.parseInt(words[0], 16),
                        words[1].equals("~"),
                        HexFormat.of().parseHex(words[2]),
                        words.length > 3 ? words[3] : ""));
            }
        }
        return new Golden(lines);
    }

    /** Explains a stream; what differs in another one of the same, or is of a field that tells the time, varies. */
    static Golden of(byte[] bytes, byte[] other, NavigableMap<Integer, String> marks) {
        List<Line> lines = new ArrayList<>();
        for (var mark : marks.entrySet()) {
            Integer next = marks.higherKey(mark.getKey());
            int end = next == null ? bytes.length : next;
            for (int at = mark.getKey(); at < end; at += WIDTH) {
                int to = Math.min(end, at + WIDTH);
                boolean same = to <= other.length && Arrays.equals(bytes, at, to, other, at, to);
                String what = at == mark.getKey() ? mark.getValue() : "";
                lines.add(new Line(at, !same || tellsTime(mark.getValue()), Arrays.copyOfRange(bytes, at, to), what));
            }
        }
        return new Golden(lines);
    }

    private static boolean tellsTime(String what) {
        return what.endsWith("tick_offset") || what.endsWith("tick_offset_vmstate") || what.endsWith("clock_offset");
    }

    void write(Path file, String title) throws IOException {
        StringBuilder text = new StringBuilder();
        title.lines().forEach(line -> text.append("# ").append(line).append('\n'));
        for (Line line : lines) {
            StringBuilder row = new StringBuilder();
            row.append(HexFormat.of().toHexDigits(line.offset()))
                    .append(line.varies() ? " ~ " : " = ")
                    .append(HexFormat.of().formatHex(line.bytes()));
            if (!line.what().isEmpty()) {
                row.append(" ".repeat(Math.max(1, COLUMN - row.length()))).append(line.what());
            }
            text.append(row).append('\n');
        }
        Files.writeString(file, text, StandardCharsets.UTF_8);
    }

    /** The whole stream as it was recorded. */
    byte[] bytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            for (Line line : lines) {
                if (line.offset() != all.size()) {
                    throw new AssertionError("the golden file has a gap before " + Integer.toHexString(line.offset()));
                }
                all.write(line.bytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all.toByteArray();
    }

    /** What another stream has otherwise, each with its place and meaning. */
    List<String> differences(byte[] stream) {
        List<String> found = new ArrayList<>();
        String what = "";
        for (Line line : lines) {
            what = line.what().isEmpty() ? what : line.what();
            int end = line.offset() + line.bytes().length;
            if (end > stream.length) {
                found.add("ends before " + Integer.toHexString(end) + " (" + what + ")");
                return found;
            }
            if (!line.varies() && !Arrays.equals(line.bytes(), 0, end - line.offset(), stream, line.offset(), end)) {
                found.add(Integer.toHexString(line.offset()) + " (" + what + ") is "
                        + HexFormat.of().formatHex(stream, line.offset(), end) + ", not "
                        + HexFormat.of().formatHex(line.bytes()));
            }
        }
        if (stream.length > bytes().length) {
            found.add("goes on after " + Integer.toHexString(bytes().length));
        }
        return found;
    }
}
