package dev.cprkit.agent.vm;

import java.util.Optional;

/**
 * The name that a VM is managed under: letters, digits, {@code .}, {@code _} and {@code -}, beginning with a letter or
 * digit, at most 63 of them. So it is a file's name and a part of a URL as it stands.
 */
public record VmName(String text) implements Comparable<VmName> {
    private static final int MOST = 63;

    /** A name, or empty with {@link #rule} broken. */
    public static Optional<VmName> of(String text) {
        if (text.isEmpty() || text.length() > MOST || !isAlphanumeric(text.charAt(0))) {
            return Optional.empty();
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isAlphanumeric(c) && c != '.' && c != '_' && c != '-') {
                return Optional.empty();
            }
        }
        return Optional.of(new VmName(text));
    }

    /** What a name is, for errors. */
    public static String rule() {
        return "a name has letters, digits, '.', '_' and '-', begins with a letter or a digit, and has at most " + MOST
                + " characters";
    }

    private static boolean isAlphanumeric(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    @Override
    public int compareTo(VmName other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
