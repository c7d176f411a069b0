package dev.cprkit.cprctl.output;

import java.util.Map;
import java.util.Optional;

/** When to colour. */
public enum ColorChoice {
    AUTO("auto"),
    ALWAYS("always"),
    NEVER("never");

    private final String choiceName;

    ColorChoice(String choiceName) {
        this.choiceName = choiceName;
    }

    /** The choice of that name. */
    public static Optional<ColorChoice> of(String name) {
        for (ColorChoice choice : values()) {
            if (choice.choiceName.equals(name)) {
                return Optional.of(choice);
            }
        }
        return Optional.empty();
    }

    /** Whether to colour, given where it goes; NO_COLOR counts if it is not empty (no-color.org). */
    public boolean applies(boolean terminal, Map<String, String> environment) {
        return switch (this) {
            case ALWAYS -> true;
            case NEVER -> false;
            case AUTO ->
                terminal
                        && environment.getOrDefault("NO_COLOR", "").isEmpty()
                        && !environment.getOrDefault("TERM", "").equals("dumb");
        };
    }
}
