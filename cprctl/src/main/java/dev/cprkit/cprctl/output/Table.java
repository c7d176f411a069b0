package dev.cprkit.cprctl.output;

import java.util.ArrayList;
import java.util.List;

/** Columns that are as wide as they need to be, two spaces apart. */
public final class Table {
    private final List<List<String>> rows = new ArrayList<>();

    /** The first row is the heading. */
    public Table(String... heading) {
        rows.add(List.of(heading));
    }

    /** A row with as many cells as the heading. */
    public void row(String... cells) {
        rows.add(List.of(cells));
    }

    /** Prints all of it. */
    public void print(Screen screen) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (int r = 0; r < rows.size(); r++) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String cell = rows.get(r).get(i);
                line.append(cell).append(i + 1 < columns ? " ".repeat(widths[i] - cell.length() + 2) : "");
            }
            String text = line.toString().stripTrailing();
            screen.line(r == 0 ? screen.styled(Style.STRONG, text) : text);
        }
    }
}
