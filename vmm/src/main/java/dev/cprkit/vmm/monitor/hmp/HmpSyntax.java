package dev.cprkit.vmm.monitor.hmp;

import java.util.ArrayList;
import java.util.List;

/**
 * The parameters of a human monitor's command, in QEMU's notation, so that lines are read as its monitor reads them:
 * {@code name:type} joined by commas.
 *
 * <p>Types: {@code s} a word or a quoted string; {@code F} a file name, {@code B} a block device's name, which are read
 * the same; {@code S} the rest of the line; {@code O} options, a word; {@code i} a 32-bit and {@code l} a 64-bit
 * expression; {@code M} an expression that counts MiB; {@code o} a size with a suffix, MiB without; {@code b} {@code on} or
 * {@code off}; {@code /} a format as {@code x} takes it; {@code -d} a flag, {@code -ds} one
 * that a string follows. A {@code ?} behind a type lets the parameter be
 * left out at the end of the line, a {@code .} (for {@code i} and {@code l}) says that a dot announces it.
 */
public final class HmpSyntax {
    /** No parameters. */
    public static final HmpSyntax NONE = new HmpSyntax(List.of());

    /** One parameter, {@code rest}: what is left of the line, possibly nothing. */
    public static final HmpSyntax REST = of("rest:S?");

    /** When a parameter may be missing. */
    enum Presence {
        REQUIRED,
        OPTIONAL,
        /** Only there behind a dot. */
        AFTER_DOT,
        /** A flag that a string follows. */
        WITH_VALUE
    }

    /**
     * One parameter.
     *
     * @param letter for a flag: what follows the hyphen; else 0
     */
    record Parameter(String name, char type, char letter, Presence presence) {}

    private final List<Parameter> parameters;

    private HmpSyntax(List<Parameter> parameters) {
        this.parameters = parameters;
    }

    /** Reads the notation: {@code detach:-d,uri:s}; empty for no parameters. */
    public static HmpSyntax of(String text) {
        List<Parameter> list = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            int comma = text.indexOf(',', at);
            int end = comma < 0 ? text.length() : comma;
            list.add(parameter(text.substring(at, end)));
            at = end + 1;
        }
        return list.isEmpty() && NONE != null ? NONE : new HmpSyntax(List.copyOf(list));
    }

    private static Parameter parameter(String text) {
        int colon = text.indexOf(':');
        String name = text.substring(0, colon);
        char type = text.charAt(colon + 1);
        if (type == '-') {
            boolean valued = text.endsWith("s") && text.length() == colon + 4;
            return new Parameter(name, type, text.charAt(colon + 2), valued ? Presence.WITH_VALUE : Presence.OPTIONAL);
        }
        String suffix = text.substring(colon + 2);
        Presence presence =
                switch (suffix) {
                    case "?" -> Presence.OPTIONAL;
                    case "." -> Presence.AFTER_DOT;
                    default -> Presence.REQUIRED;
                };
        return new Parameter(name, type, (char) 0, presence);
    }

    List<Parameter> parameters() {
        return parameters;
    }

    /** Which of the parameters that are not flags is at that place of the line, or -1 if there are not so many. */
    int flagless(int position) {
        int left = position;
        for (int i = 0; i < parameters.size(); i++) {
            if (parameters.get(i).type() != '-' && left-- == 0) {
                return i;
            }
        }
        return -1;
    }
}
