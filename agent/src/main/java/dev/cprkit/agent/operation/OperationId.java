package dev.cprkit.agent.operation;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The ids of operations: those that callers choose, and those that are made up, which sort by time. */
final class OperationId {
    private static final int MOST = 128;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final SecureRandom RANDOM = new SecureRandom();

    private OperationId() {}

    /** Letters, digits, {@code .}, {@code _} and {@code -}, as in a name, so that it can stand in a path of a URL. */
    static boolean isValid(String id) {
        if (id.isEmpty() || id.length() > MOST || !isAlphanumeric(id.charAt(0))) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (!isAlphanumeric(c) && c != '.' && c != '_' && c != '-') {
                return false;
            }
        }
        return true;
    }

    static String rule() {
        return "an id has letters, digits, '.', '_' and '-', begins with a letter or a digit, and has at most " + MOST
                + " characters";
    }

    private static boolean isAlphanumeric(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    /** Like {@code 20260203-120000-123-9f3a}: the time in UTC, and something that two of one moment do not share. */
    static String make(Instant now) {
        return TIME.format(now) + "-" + String.format(Locale.ROOT, "%04x", RANDOM.nextInt(1 << 16));
    }
}
