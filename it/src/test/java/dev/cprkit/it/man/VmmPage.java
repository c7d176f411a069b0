package dev.cprkit.it.man;

import java.util.List;

/** The page of vmm, whose options are QEMU's: what {@code vmm -help} prints, with its headings and entries. */
final class VmmPage {
    private VmmPage() {}

    static String text(String help, String more, String version, List<String> seeAlso) {
        Roff roff = Roff.page("vmm", 1, version);
        roff.section("NAME").raw("vmm \\- run a RISC\\-V virtual machine whose program can be updated under its guest");
        roff.section("SYNOPSIS").line("vmm [OPTION]...");
        roff.section("DESCRIPTION");
        boolean options = false;
        for (String line : help.lines().skip(2).toList()) {
            if (line.isBlank()) {
                roff.paragraph();
            } else if (line.endsWith(":") && !line.startsWith(" ") && !line.startsWith("-")) {
                if (!options && line.endsWith("options:")) {
                    roff.section("OPTIONS");
                    options = true;
                }
                roff.subsection(line.substring(0, line.length() - 1));
            } else if (line.startsWith("-")) {
                entry(roff, line);
            } else {
                roff.line(line.strip());
            }
        }
        roff.raw(more);
        roff.section("SEE ALSO").line(String.join(", ", seeAlso));
        return roff.toString();
    }

    /** An option and what it does stand in two columns, the second at 16, unless the first is longer. */
    private static void entry(Roff roff, String line) {
        int gap = line.indexOf("  ");
        if (gap > 0) {
            roff.entry(line.substring(0, gap)).line(line.substring(gap).strip());
        } else if (line.length() > 16 && line.charAt(15) == ' ' && line.indexOf(' ') < 16) {
            roff.entry(line.substring(0, 15).strip()).line(line.substring(16));
        } else {
            roff.entry(line);
        }
    }
}
