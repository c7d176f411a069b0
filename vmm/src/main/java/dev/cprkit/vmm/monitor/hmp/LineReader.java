package dev.cprkit.vmm.monitor.hmp;

import java.util.Optional;

/** A command line that is read from the left: words, quoted strings, single characters. For one thread. */
final class LineReader {
    private final String text;
    private int at;

    LineReader(String text) {
        this.text = text;
    }

    /** The next character, or NUL at the end. */
    char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    /** The character behind the next one, or NUL. */
    char second() {
        return at + 1 < text.length() ? text.charAt(at + 1) : 0;
    }

    char next() {
        char c = peek();
        at++;
        return c;
    }

    boolean ended() {
        return at >= text.length();
    }

    void skipSpaces() {
        while (!ended() && isSpace(peek())) {
            at++;
        }
    }

    /** Whether C's {@code isspace} would say so. */
    static boolean isSpace(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }

    /** All that is left. */
    String rest() {
        String rest = text.substring(at);
        at = text.length();
        return rest;
    }

    /** What has been read so far, from the start. */
    String read() {
        return text.substring(0, at);
    }

    /** The next word, which a space or the end ends, or a string in quotes; empty if there is none or a quote is open. */
    Optional<String> word() {
        skipSpaces();
        if (ended()) {
            return Optional.empty();
        }
        if (peek() == '"') {
            return quoted();
        }
        int start = at;
        while (!ended() && !isSpace(peek())) {
            at++;
        }
        return Optional.of(text.substring(start, at));
    }

    private Optional<String> quoted() {
        StringBuilder string = new StringBuilder();
        at++;
        while (!ended()) {
            char c = next();
            if (c == '"') {
                return Optional.of(string.toString());
            }
            if (c == '\\') {
                char escaped = next();
                switch (escaped) {
                    case 'n' -> string.append('\n');
                    case 'r' -> string.append('\r');
                    case '\\', '\'', '"' -> string.append(escaped);
                    default -> {
                        return Optional.empty();
                    }
                }
            } else {
                string.append(c);
            }
        }
        return Optional.empty();
    }

    /** Digits and what {@code others} holds. */
    String digits(String others) {
        int start = at;
        while (!ended() && (peek() >= '0' && peek() <= '9' || others.indexOf(peek()) >= 0)) {
            at++;
        }
        return text.substring(start, at);
    }

    /** Letters, digits and what {@code others} holds. */
    String name(String others) {
        int start = at;
        while (!ended() && (isAlphanumeric(peek()) || others.indexOf(peek()) >= 0)) {
            at++;
        }
        return text.substring(start, at);
    }

    private static boolean isAlphanumeric(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }
}
