package dev.cprkit.cprctl.output;

/**
 * Text without what would move a terminal's cursor, rename its window or type for its user: guests and programs print such
 * things into logs, and name themselves with them. Our own styles stay.
 */
final class Printable {
    private static final char ESCAPE = '\033';

    private Printable() {}

    static String of(String text) {
        StringBuilder printable = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)
                    && c != '\n'
                    && c != '\t'
                    && c != '\r'
                    && !(c == ESCAPE && isStyle(text, i))) {
                if (printable == null) {
                    printable = new StringBuilder(text);
                }
                printable.setCharAt(i, '?');
            }
        }
        return printable == null ? text : printable.toString();
    }

    /** {@code ESC [ 3 1 m}, as {@link Style} writes it. */
    private static boolean isStyle(String text, int at) {
        int i = at + 1;
        if (i >= text.length() || text.charAt(i) != '[') {
            return false;
        }
        for (i++; i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9'; i++) {}
        return i < text.length() && text.charAt(i) == 'm';
    }
}
