package dev.cprkit.proto.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Cuts a stream of bytes into JSON values, as a QMP server reads its peer: values follow each other with or without
 * white space between, may be split anywhere, and after a mistake reading goes on behind it.
 *
 * <p>Brackets are counted while bytes come in; the text of a value is parsed once, when its last bracket has come.
 * After a character that cannot be, bytes are skipped up to the next control character or bracket, comma or colon, so
 * that one mistake costs one or two messages and not the connection (json-lexer.c of QEMU describes the same rule).
 * After a value that is too large or too deep the rest of its line is skipped.
 *
 * <p>Bytes are only looked at when {@link #next} asks for the next value: what is behind it stays as it came. Used by
 * one thread at a time.
 */
public final class JsonStream {
    /** The deepest nesting of arrays and objects. */
    public static final int MAX_NESTING = 1024;
    /** The largest value, in bytes of text. */
    public static final int MAX_SIZE = 64 << 20;

    private static final int SMALL = 4096;
    private static final int MAX_SHOWN = 40;

    private final int maxSize;
    private byte[] buffer = new byte[SMALL];
    private int start;
    private int at;
    private int end;
    private int braces;
    private int brackets;
    private State state = State.VALUE;
    private byte quote;
    private int token;
    private int line = 1;
    private int column = 1;

    /** What {@link #next} found. */
    public sealed interface Item {
        /** A value. */
        record Value(JsonValue value) implements Item {}

        /** No value, and why: a whole sentence, as it goes into an error reply. */
        record Malformed(String reason) implements Item {}
    }

    private enum State {
        VALUE,
        LITERAL,
        STRING,
        ESCAPE,
        SKIP_TO_STRUCTURE,
        SKIP_LINE
    }

    /** A stream of values of at most {@link #MAX_SIZE}. */
    public JsonStream() {
        this(MAX_SIZE);
    }

    /** A stream of values of at most {@code maxSize} bytes of text. */
    public JsonStream(int maxSize) {
        this.maxSize = maxSize;
    }

    /** Adds bytes that have arrived. */
    public void feed(byte[] bytes, int offset, int length) {
        if (end + length > buffer.length) {
            byte[] target = buffer;
            int kept = end - start;
            if (kept + length > buffer.length) {
                target = new byte[Math.max(kept + length, kept * 2)];
            }
            System.arraycopy(buffer, start, target, 0, kept);
            buffer = target;
            at -= start;
            token -= start;
            start = 0;
            end = kept;
        }
        System.arraycopy(bytes, offset, buffer, end, length);
        end += length;
    }

    /** Forgets everything, for a new peer. */
    public void clear() {
        buffer = new byte[SMALL];
        start = 0;
        at = 0;
        end = 0;
        line = 1;
        column = 1;
        restart(State.VALUE);
    }

    /** The next value or mistake, or empty until more bytes come. */
    public Optional<Item> next() {
        while (at < end) {
            Item item = step(buffer[at]);
            if (item != null) {
                return Optional.of(item);
            }
            if (at - start > maxSize) {
                return Optional.of(tooMuch("JSON token size limit exceeded"));
            }
        }
        if (start == end) {
            start = 0;
            at = 0;
            end = 0;
            if (buffer.length > SMALL) {
                buffer = new byte[SMALL];
            }
        }
        return Optional.empty();
    }

    private Item step(byte c) {
        return switch (state) {
            case VALUE -> inValue(c);
            case LITERAL -> inLiteral(c);
            case STRING -> inString(c);
            case ESCAPE -> {
                state = State.STRING;
                at++;
                yield null;
            }
            case SKIP_TO_STRUCTURE -> {
                if (isStructure(c) || isControl(c)) {
                    state = State.VALUE;
                } else {
                    at++;
                }
                begin(at);
                yield null;
            }
            case SKIP_LINE -> {
                at++;
                begin(at);
                if (c == '\n') {
                    state = State.VALUE;
                }
                yield null;
            }
        };
    }

    private Item inValue(byte c) {
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || isControl(c) && !nested()) {
            at++;
            if (!nested()) {
                begin(at);
            }
            return null;
        }
        token = at;
        if (c == '"' || c == '\'') {
            quote = c;
            state = State.STRING;
        } else if (isLiteral(c)) {
            state = State.LITERAL;
        } else if (!isStructure(c)) {
            return stray(at, at + 1);
        } else {
            at++;
            return structure(c);
        }
        at++;
        return null;
    }

    private Item structure(byte c) {
        switch (c) {
            case '{' -> braces++;
            case '}' -> braces--;
            case '[' -> brackets++;
            case ']' -> brackets--;
            default -> {
                return nested() ? null : parse();
            }
        }
        if (braces + brackets > MAX_NESTING) {
            return tooMuch("JSON nesting depth limit exceeded");
        }
        return nested() ? null : parse();
    }

    private Item inLiteral(byte c) {
        if (isLiteral(c)) {
            at++;
            return null;
        }
        state = State.VALUE;
        return nested() ? null : parse();
    }

    private Item inString(byte c) {
        if (isControl(c)) {
            return stray(token, at + 1); // strings do not span lines
        }
        at++;
        if (c == '\\') {
            state = State.ESCAPE;
        } else if (c == quote) {
            state = State.VALUE;
            return nested() ? null : parse();
        }
        return null;
    }

    /** An object or array is open and has not been closed once too often. */
    private boolean nested() {
        return braces >= 0 && brackets >= 0 && (braces > 0 || brackets > 0);
    }

    private Item parse() {
        int from = start;
        int atLine = line;
        int atColumn = column;
        begin(at);
        restart(State.VALUE);
        try {
            return new Item.Value(JsonParser.parse(buffer, from, at, atLine, atColumn));
        } catch (JsonParseException e) {
            return new Item.Malformed(e.getMessage());
        }
    }

    /** What is no part of any token; the end of a line stays, since what follows may begin there. */
    private Item stray(int from, int to) {
        begin(from);
        String where = line + ":" + column;
        int shownFrom = Math.max(from, to - MAX_SHOWN);
        byte[] shown = Arrays.copyOfRange(buffer, shownFrom, to);
        at = isControl(buffer[to - 1]) && to - 1 > from ? to - 1 : to;
        begin(at);
        restart(State.SKIP_TO_STRUCTURE);
        return new Item.Malformed(
                where + ": JSON parse error, stray '" + new String(shown, StandardCharsets.UTF_8) + "'");
    }

    private Item tooMuch(String reason) {
        begin(at);
        restart(State.SKIP_LINE);
        return new Item.Malformed(reason);
    }

    /** Everything before that place is done with. */
    private void begin(int next) {
        for (; start < next; start++) {
            if (buffer[start] == '\n') {
                line++;
                column = 1;
            } else {
                column++;
            }
        }
    }

    private void restart(State next) {
        state = next;
        braces = 0;
        brackets = 0;
    }

    private static boolean isStructure(byte c) {
        return c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':';
    }

    private static boolean isLiteral(byte c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'E';
    }

    private static boolean isControl(byte c) {
        return c >= 0 && c < 0x20;
    }
}
