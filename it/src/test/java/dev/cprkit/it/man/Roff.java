package dev.cprkit.it.man;

import java.util.Locale;

/** Writes a page in the man macros (man(7)). */
final class Roff {
    private static final int LINE = 60;

    private final StringBuilder text = new StringBuilder();

    /** Begins a page of the manual. */
    static Roff page(String name, int section, String version) {
        Roff roff = new Roff();
        roff.text
                .append(".\\\" Made from the program's own declaration; change it there, then run the tests with"
                        + " -Dcprkit.man=write\n")
                .append(".TH ")
                .append(escape(name.toUpperCase(Locale.ROOT)))
                .append(' ')
                .append(section)
                .append(" \"\" \"cprkit ")
                .append(version)
                .append("\" \"cprkit manual\"\n")
                .append(".nh\n.ad l\n");
        return roff;
    }

    /** Begins a section. */
    Roff section(String title) {
        text.append(".SH ").append(title).append('\n');
        return this;
    }

    /** Begins a subsection. */
    Roff subsection(String title) {
        text.append(".SS \"").append(escape(title).replace("\"", "\\(dq")).append("\"\n");
        return this;
    }

    /** A line of plain text. */
    Roff line(String words) {
        text.append(plain(words)).append('\n');
        return this;
    }

    /** A new paragraph. */
    Roff paragraph() {
        text.append(".PP\n");
        return this;
    }

    /** An entry: a tag in bold, which the text that follows explains. */
    Roff entry(String tag) {
        // A long one may be broken where a list of choices goes on.
        String breakable = tag.length() > LINE ? escape(tag).replace("[,", "\\:[,") : escape(tag);
        text.append(".TP\n\\fB").append(breakable).append("\\fR\n");
        return this;
    }

    /** Lines that stay as they are. */
    Roff literal(String lines) {
        text.append(".PP\n.in +4n\n.EX\n");
        lines.lines().forEach(line -> text.append(plain(line)).append('\n'));
        text.append(".EE\n.in\n");
        return this;
    }

    /** What is written in the macros already. */
    Roff raw(String roff) {
        text.append(roff);
        if (!roff.isEmpty() && !roff.endsWith("\n")) {
            text.append('\n');
        }
        return this;
    }

    /** A line that begins with a dot or an apostrophe would be a request. */
    private static String plain(String words) {
        String escaped = escape(words);
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }

    /** A minus that is typed, and no letter that the formatter would take for its own. */
    static String escape(String words) {
        return words.replace("\\", "\\e")
                .replace("-", "\\-")
                .replace("'", "\\(aq")
                .replace("^", "\\(ha")
                .replace("~", "\\(ti")
                .replace("`", "\\(ga");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
