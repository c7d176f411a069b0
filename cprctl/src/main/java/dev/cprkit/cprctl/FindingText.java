package dev.cprkit.cprctl;

import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.Weight;
import dev.cprkit.cprctl.output.Screen;
import dev.cprkit.cprctl.output.Style;

/** What a check found, for people and for programs. */
final class FindingText {
    private FindingText() {}

    /** One line. */
    static String line(Screen screen, Finding finding, Weight weight) {
        String label =
                switch (weight) {
                    case REFUSES -> screen.styled(Style.BAD, "refused:");
                    case TELLS -> screen.styled(Style.WARNING, "note:");
                    case HANDLED, NOTHING -> screen.styled(Style.FAINT, "handled:");
                };
        return label + " " + finding.sentence() + " [" + finding.code().codeName() + "]";
    }
}
