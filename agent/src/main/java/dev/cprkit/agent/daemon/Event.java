package dev.cprkit.agent.daemon;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.api.CheckJson;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.api.OperationJson;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.operation.Operation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Something that an operation did.
 *
 * @param at when; of a finding, when the state before it was reached
 * @param operation as it was then
 */
record Event(Kind kind, Instant at, Operation operation, Optional<Operation.Step> step, Optional<Finding> finding) {
    enum Kind {
        BEGAN("began"),
        ENTERED("entered"),
        FOUND("found"),
        ENDED("ended");

        private final String kindName;

        Kind(String kindName) {
            this.kindName = kindName;
        }

        /** The stable name. */
        String kindName() {
            return kindName;
        }
    }

    /** Everything that an operation has done so far, in the order in which it did. */
    static List<Event> story(Operation operation) {
        List<Event> story = new ArrayList<>();
        story.add(new Event(Kind.BEGAN, operation.began(), until(operation, 0, 0), Optional.empty(), Optional.empty()));
        if (operation.steps().isEmpty()) {
            findings(operation, operation.began(), 0, story);
        }
        for (int i = 0; i < operation.steps().size(); i++) {
            Operation.Step step = operation.steps().get(i);
            int findings = i == 0 ? 0 : operation.findings().size();
            story.add(new Event(
                    Kind.ENTERED, step.at(), until(operation, i + 1, findings), Optional.of(step), Optional.empty()));
            if (i == 0) {
                findings(operation, step.at(), 1, story);
            }
        }
        operation
                .outcome()
                .ifPresent(outcome ->
                        story.add(new Event(Kind.ENDED, outcome.at(), operation, Optional.empty(), Optional.empty())));
        return story;
    }

    private static void findings(Operation operation, Instant at, int steps, List<Event> story) {
        for (int i = 0; i < operation.findings().size(); i++) {
            story.add(new Event(
                    Kind.FOUND,
                    at,
                    until(operation, steps, i + 1),
                    Optional.empty(),
                    Optional.of(operation.findings().get(i))));
        }
    }

    private static Operation until(Operation operation, int steps, int findings) {
        return new Operation(
                operation.id(),
                operation.spec(),
                operation.caller(),
                operation.began(),
                operation.steps().subList(0, steps),
                operation.findings().subList(0, findings),
                Optional.empty());
    }

    /** Its document. */
    ObjectNode json() {
        ObjectNode node = Json.document("event").put("event", kind.kindName()).put("at", at.toString());
        step.ifPresent(reached -> node.set("step", OperationJson.of(reached)));
        finding.ifPresent(found -> node.set("finding", CheckJson.of(found)));
        node.set("operation", OperationJson.of(operation));
        return node;
    }
}
