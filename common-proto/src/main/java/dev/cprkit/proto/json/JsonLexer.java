package dev.cprkit.proto.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Takes a JSON text apart into tokens as QEMU's lexer does, whose places and words its errors have. */
final class JsonLexer {
    /** What a token is. */
    enum Token {
        OPEN_OBJECT,
        CLOSE_OBJECT,
        OPEN_ARRAY,
        CLOSE_ARRAY,
        COLON,
        COMMA,
        INTEGER,
        REAL,
        KEYWORD,
        STRING,
        END
    }

    private static final int MAX_SHOWN = 40;

    private final byte[] text;
    private final int end;
    private int at;
    private int line;
    private int lineStart;
    private int start;
    private int shift;
    private Token token = Token.END;

    /**
     * @param line the line at which the text begins
     * @param column the column at which it begins
     */
    JsonLexer(byte[] text, int from, int to, int line, int column) {
        this.text = text;
        this.end = to;
        this.at = from;
        this.line = line;
        this.lineStart = from - (column - 1);
    }

    /** The token that was found last. */
    Token token() {
        return token;
    }

    /** Finds the next token. */
    Token next() throws JsonParseException {
        boolean glued = token == Token.INTEGER || token == Token.REAL || token == Token.KEYWORD;
        int before = at;
        skipSpace();
        // QEMU counts a token that directly follows a number or a word one column further: its lexer has looked ahead.
        shift = glued && at == before && at < end ? 1 : 0;
        start = at;
        token = at < end ? scan(text[at]) : Token.END;
        return token;
    }

    private void skipSpace() {
        for (; at < end; at++) {
            switch (text[at]) {
                case '\n' -> {
                    line++;
                    lineStart = at + 1;
                }
                case ' ', '\t', '\r' -> {}
                default -> {
                    return;
                }
            }
        }
    }

    private Token scan(byte c) throws JsonParseException {
        Token single =
                switch (c) {
                    case '{' -> Token.OPEN_OBJECT;
                    case '}' -> Token.CLOSE_OBJECT;
                    case '[' -> Token.OPEN_ARRAY;
                    case ']' -> Token.CLOSE_ARRAY;
                    case ':' -> Token.COLON;
                    case ',' -> Token.COMMA;
                    default -> Token.END;
                };
        if (single != Token.END) {
            at++;
            return single;
        }
        if (c == '"' || c == '\'') {
            return string(c);
        }
        if (isLetter(c)) {
            while (at < end && isLetter(text[at])) {
                at++;
            }
            return Token.KEYWORD;
        }
        return number();
    }

    private Token string(byte quote) throws JsonParseException {
        for (at++; at < end && text[at] != quote; at++) {
            if (text[at] >= 0 && text[at] < 0x20) {
                throw stray();
            }
            if (text[at] == '\\') {
                at++;
            }
        }
        if (at >= end) {
            at = end;
            throw stray();
        }
        at++;
        return Token.STRING;
    }

    private Token number() throws JsonParseException {
        if (at < end && text[at] == '-') {
            at++;
        }
        if (at < end && text[at] == '0') {
            at++;
            if (at < end && isDigit(text[at])) {
                throw stray();
            }
        } else {
            digits();
        }
        Token found = Token.INTEGER;
        if (at < end && text[at] == '.') {
            at++;
            digits();
            found = Token.REAL;
        }
        if (at < end && (text[at] == 'e' || text[at] == 'E')) {
            at++;
            if (at < end && (text[at] == '+' || text[at] == '-')) {
                at++;
            }
            digits();
            found = Token.REAL;
        }
        return found;
    }

    /** At least one. */
    private void digits() throws JsonParseException {
        if (at >= end || !isDigit(text[at])) {
            throw stray();
        }
        while (at < end && isDigit(text[at])) {
            at++;
        }
    }

    /** The characters so far, with the one that does not fit. */
    private JsonParseException stray() {
        int to = Math.min(at + 1, end);
        int from = Math.max(start, to - MAX_SHOWN);
        return error("stray '" + new String(text, from, to - from, StandardCharsets.UTF_8) + "'");
    }

    /** An error at the token. */
    JsonParseException error(String reason) {
        return JsonParseException.at(line, start - lineStart + 1 + shift, reason);
    }

    /** The token's characters; those of a string with its quotes and escapes. */
    String text() {
        return new String(text, start, at - start, StandardCharsets.UTF_8);
    }

    /** The value of a string. */
    String string() throws JsonParseException {
        String raw;
        try {
            raw = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(text, start + 1, at - start - 2))
                    .toString();
        } catch (CharacterCodingException e) {
            throw error("invalid UTF-8 sequence in string");
        }
        if (raw.indexOf('\\') < 0) {
            return raw;
        }
        StringBuilder value = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); ) {
            char c = raw.charAt(i);
            if (c != '\\') {
                value.append(c);
                i++;
            } else if (raw.charAt(i + 1) == 'u') {
                i = unicode(raw, i, value);
            } else {
                value.append(escape(raw.charAt(i + 1)));
                i += 2;
            }
        }
        return value.toString();
    }

    private char escape(char c) throws JsonParseException {
        return switch (c) {
            case '"', '\'', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> throw error("invalid escape sequence in string");
        };
    }

    /** Reads the escape at {@code i}, with its other half if it is a surrogate; returns where it ends. */
    private int unicode(String raw, int i, StringBuilder value) throws JsonParseException {
        int first = hex(raw, i);
        int after = i + 6;
        if (first >= 0 && Character.isHighSurrogate((char) first) && raw.startsWith("\\u", after)) {
            int second = hex(raw, after);
            if (second >= 0 && Character.isLowSurrogate((char) second)) {
                value.append((char) first).append((char) second);
                return after + 6;
            }
        }
        if (first < 0 || Character.isSurrogate((char) first)) {
            String shown = (raw + (char) text[start]).substring(i, Math.min(after, raw.length() + 1));
            throw error(shown + " is not a valid Unicode character");
        }
        value.append((char) first);
        return after;
    }

    /** The four digits of an escape; -1 if there are not four. */
    private static int hex(String raw, int i) {
        int value = 0;
        for (int k = i + 2; k < i + 6; k++) {
            int digit = k < raw.length() ? Character.digit(raw.charAt(k), 16) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static boolean isLetter(byte c) {
        return c >= 'a' && c <= 'z';
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }
}
