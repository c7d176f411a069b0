package dev.cprkit.agent.vm;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads which machines a program knows under an alias from what it prints for {@code -machine help}. */
final class MachineAliases {
    private static final String MARK = "(alias of ";

    private MachineAliases() {}

    /**
     * From each alias to the versioned name it stands for.
     *
     * @param help lines such as {@code q35   Standard PC (Q35 + ICH9, 2009) (alias of pc-q35-10.0)}
     */
    static Map<String, String> in(List<String> help) {
        Map<String, String> aliases = new HashMap<>();
        for (String line : help) {
            int mark = line.indexOf(MARK);
            int end = line.indexOf(')', Math.max(0, mark));
            int space = line.indexOf(' ');
            if (mark > 0 && end > mark && space > 0) {
                aliases.put(line.substring(0, space), line.substring(mark + MARK.length(), end));
            }
        }
        return aliases;
    }
}
