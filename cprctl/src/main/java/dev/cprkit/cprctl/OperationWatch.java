package dev.cprkit.cprctl;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.api.CheckJson;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.api.OperationJson;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.Weight;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationListener;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.cprctl.output.Screen;
import dev.cprkit.cprctl.output.Style;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Prints what one operation does, as it does it, and each thing once: it is told by events, which may come late or never,
 * and by looking at the operation itself.
 */
final class OperationWatch implements OperationListener {
    private final Screen screen;
    private final String id;
    private final boolean follow;
    private final Set<Object> told = new HashSet<>();

    /** @param follow whether JSON gets a line for each event */
    OperationWatch(Screen screen, String id, boolean follow) {
        this.screen = screen;
        this.id = id;
        this.follow = follow;
    }

    @Override
    public void entered(Operation operation, Operation.Step step) {
        if (operation.id().equals(id)) {
            step(step);
        }
    }

    @Override
    public void found(Operation operation, Finding finding) {
        if (operation.id().equals(id)) {
            finding(finding);
        }
    }

    /** Prints what was not yet told of it. */
    void catchUp(Operation operation) {
        operation.steps().stream()
                .filter(step -> step.state() == UpdateState.PLANNED)
                .forEach(this::step);
        operation.findings().forEach(this::finding);
        operation.steps().forEach(this::step);
    }

    private synchronized void step(Operation.Step step) {
        if (!told.add(step.state())) {
            return;
        }
        screen.waitingFor(step.state().stateName() + ": " + step.state().meaning());
        if (screen.json()) {
            if (follow) {
                ObjectNode document = Json.document("step").put("operation", id);
                document.setAll(OperationJson.of(step));
                screen.document(document);
            }
        } else if (!screen.quiet()) {
            screen.line(line(screen, step));
        }
    }

    private synchronized void finding(Finding finding) {
        if (!told.add(finding)) {
            return;
        }
        if (screen.json()) {
            if (follow) {
                ObjectNode document = Json.document("finding").put("operation", id);
                document.setAll(CheckJson.of(finding));
                screen.document(document);
            }
        } else if (finding.refuses() || !screen.quiet()) {
            screen.errLine(FindingText.line(screen, finding, finding.refuses() ? Weight.REFUSES : Weight.TELLS));
        }
    }

    /** A step as a line of text. */
    static String line(Screen screen, Operation.Step step) {
        return String.format(
                Locale.ROOT,
                "%8.3f s  %s  %s",
                step.sinceStart().toNanos() / 1e9,
                screen.styled(
                        Style.STRONG,
                        String.format(Locale.ROOT, "%-11s", step.state().stateName())),
                step.detail());
    }
}
