package dev.cprkit.agent.vm;

/** Compares versions as programs tell them: {@code 11.1.3 (Debian 1:11.1.3+ds-1)}. */
final class Versions {
    private Versions() {}

    /** Negative, zero or positive as the release {@code a} is older than {@code b}, the same, or newer. */
    static int compare(String a, String b) {
        String[] left = release(a).split("\\.", -1);
        String[] right = release(b).split("\\.", -1);
        for (int i = 0; i < Math.max(left.length, right.length); i++) {
            int order = Integer.compare(number(left, i), number(right, i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    /** Whether they name the same build: everything but the parentheses and spaces counts. */
    static boolean isSame(String a, String b) {
        return plain(a).equals(plain(b));
    }

    private static String plain(String version) {
        return version.replace("(", "").replace(")", "").replace(" ", "");
    }

    private static String release(String version) {
        int end = 0;
        while (end < version.length() && (Character.isDigit(version.charAt(end)) || version.charAt(end) == '.')) {
            end++;
        }
        return version.substring(0, end);
    }

    private static int number(String[] parts, int at) {
        try {
            return at < parts.length ? Integer.parseInt(parts[at]) : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
