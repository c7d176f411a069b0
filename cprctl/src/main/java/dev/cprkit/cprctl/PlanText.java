package dev.cprkit.cprctl;

import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.UpdatePreview;
import dev.cprkit.cprctl.output.Screen;
import dev.cprkit.cprctl.output.Style;
import dev.cprkit.cprctl.output.Words;
import java.util.List;
import java.util.Locale;

/** What an update would do, for people and for programs. */
record PlanText(Screen screen, UpdatePreview preview) {
    /** The command lines as a diff: what stays once, what goes after {@code -}, what comes after {@code +}. */
    void print() {
        heading("The command line of the new process (mode " + preview.mode().qapiName() + ", generation "
                + preview.generation() + "):");
        change(program(preview.oldCommand(), true), program(preview.newCommand(), false), "");
        preview.changes().forEach(change -> change(change.old(), change.next(), change.reason()));
        heading("As one line:");
        screen.line("  " + Words.shell(preview.newCommand()));
        if (!screen.quiet()) {
            if (!preview.moves().isEmpty()) {
                heading("Paths that move:");
                preview.moves().forEach(move -> screen.line("  " + move.from() + " -> " + move.to()));
            }
            heading("Steps:");
            preview.steps()
                    .forEach(step -> screen.line(String.format(
                            Locale.ROOT, "  %-11s  %s", step.state().stateName(), step.text())));
        }
        screen.line(preview.predictedPause()
                .map(pause -> "The guest is expected to stand still for " + Words.milliseconds(pause)
                        + ", as in its earlier updates.")
                .orElse("How long the guest will stand still is not known: it has no earlier update in this mode."));
        for (Finding finding : preview.findings()) {
            if (finding.refuses(preview.mode()) || !screen.quiet()) {
                screen.errLine(FindingText.line(screen, finding, finding.weight(preview.mode())));
            }
        }
        if (!preview.isPossible()) {
            screen.failure("the update would be refused, for what is told above");
        }
    }

    private void heading(String text) {
        if (!screen.quiet()) {
            screen.line(screen.styled(Style.STRONG, text));
        }
    }

    private List<String> program(List<String> command, boolean old) {
        int arguments = preview.changes().stream()
                .mapToInt(change -> (old ? change.old() : change.next()).size())
                .sum();
        return command.subList(0, Math.max(0, command.size() - arguments));
    }

    private void change(List<String> old, List<String> next, String reason) {
        if (old.equals(next)) {
            screen.line("    " + Words.shell(next));
            return;
        }
        if (!old.isEmpty()) {
            screen.line("  " + screen.styled(Style.BAD, "- " + Words.shell(old)));
        }
        if (!next.isEmpty()) {
            screen.line("  " + screen.styled(Style.GOOD, "+ " + Words.shell(next)));
        }
        if (!reason.isEmpty() && !screen.quiet()) {
            screen.line("        " + screen.styled(Style.FAINT, "# " + reason));
        }
    }
}
