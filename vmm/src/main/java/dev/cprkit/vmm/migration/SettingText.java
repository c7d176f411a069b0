package dev.cprkit.vmm.migration;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads values as people type them: switches, sizes with a suffix, words with quotes. Stateless. */
final class SettingText {
    private static final BigInteger LIMIT = BigInteger.ONE.shiftLeft(64);

    private SettingText() {}

    /** on, yes, true, y; off, no, false, n. */
    static Optional<Boolean> flag(String text) {
        return switch (text) {
            case "on", "yes", "true", "y" -> Optional.of(true);
            case "off", "no", "false", "n" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /**
     * A number below 2^64 with an optional suffix of B, K, M, G, T, P or E.
     *
     * @param power of 1024, what a number without suffix counts: 0 bytes, 2 MiB
     */
    static Optional<BigInteger> size(String text, int power) {
        String lower = text.trim().toLowerCase(Locale.ROOT);
        try {
            if (lower.startsWith("0x")) {
                return below(new BigInteger(lower.substring(2), 16).shiftLeft(10 * power));
            }
            int suffix = lower.isEmpty() ? -1 : "bkmgtpe".indexOf(lower.charAt(lower.length() - 1));
            String digits = suffix < 0 ? lower : lower.substring(0, lower.length() - 1);
            if (digits.isEmpty() || !Character.isDigit(digits.charAt(0)) || digits.indexOf('e') >= 0) {
                return Optional.empty();
            }
            if (digits.indexOf('.') >= 0 && (suffix < 0 ? power : suffix) == 0) {
                return Optional.empty(); // there is no part of a byte
            }
            BigDecimal unit = new BigDecimal(BigInteger.ONE.shiftLeft(10 * (suffix < 0 ? power : suffix)));
            return below(new BigDecimal(digits).multiply(unit).toBigInteger());
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether the text is a number, with a suffix or not, though perhaps a negative one or one that is too large. */
    static boolean isNumber(String text) {
        String positive = text.startsWith("-") ? text.substring(1) : text;
        int suffix = positive.isEmpty()
                ? -1
                : "bkmgtpe".indexOf(Character.toLowerCase(positive.charAt(positive.length() - 1)));
        String digits = suffix < 0 ? positive : positive.substring(0, positive.length() - 1);
        for (int i = 0; i < digits.length(); i++) {
            if (!Character.isDigit(digits.charAt(i)) && digits.charAt(i) != '.') {
                return false;
            }
        }
        return !digits.isEmpty();
    }

    private static Optional<BigInteger> below(BigInteger value) {
        return value.signum() >= 0 && value.compareTo(LIMIT) < 0 ? Optional.of(value) : Optional.empty();
    }

    /** A command's words as a shell would see them: quotes and backslashes count, nothing is expanded. */
    static List<String> words(String text) throws UnfinishedQuote {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote == '\'') {
                if (c == '\'') {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '\\' && i + 1 < text.length()) {
                char next = text.charAt(++i);
                if (quote == '"' && "\\\"$`".indexOf(next) < 0) {
                    word.append('\\');
                }
                word.append(next);
                inWord = true;
            } else if (quote == '"' && c == '"') {
                quote = 0;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
                inWord = true;
            } else if (quote == 0 && Character.isWhitespace(c)) {
                if (inWord) {
                    words.add(word.toString());
                    word.setLength(0);
                    inWord = false;
                }
            } else {
                word.append(c);
                inWord = true;
            }
        }
        if (quote != 0) {
            throw new UnfinishedQuote(text, quote);
        }
        if (inWord) {
            words.add(word.toString());
        }
        return words;
    }

    /** A quote was opened and not closed. */
    static final class UnfinishedQuote extends Exception {
        private static final long serialVersionUID = 1L;

        UnfinishedQuote(String text, char quote) {
            super("Text ended before matching quote was found for " + quote + ". (The text was \u201c" + text
                    + "\u201d)");
        }
    }
}
