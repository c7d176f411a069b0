package dev.cprkit.cprctl.output;

/** How a piece of text looks on a terminal (ECMA-48, select graphic rendition). */
public enum Style {
    GOOD("32"),
    WARNING("33"),
    BAD("31"),
    STRONG("1"),
    FAINT("2");

    private final String code;

    Style(String code) {
        this.code = code;
    }

    /** The text in this style, or plain. */
    public String on(String text, boolean colours) {
        return colours && !text.isEmpty() ? "\033[" + code + "m" + text + "\033[0m" : text;
    }
}
