package dev.cprkit.agent.daemon;

import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log what operations do. */
final class OperationLog implements OperationListener {
    private static final Logger LOG = LoggerFactory.getLogger(OperationLog.class);

    @Override
    public void began(Operation operation) {
        LOG.info(
                "operation {}: {} of {} begun by {} through {}",
                operation.id(),
                operation.spec().kind().kindName(),
                operation.spec().vm(),
                operation.caller().who(),
                operation.caller().through());
    }

    @Override
    public void entered(Operation operation, Operation.Step step) {
        LOG.debug("operation {}: {} ({})", operation.id(), step.state().stateName(), step.detail());
    }

    @Override
    public void found(Operation operation, Finding finding) {
        LOG.info("operation {}: {}", operation.id(), finding.sentence());
    }

    @Override
    public void ended(Operation operation) {
        operation.outcome().ifPresent(outcome -> {
            String line = "operation {}: {}: {}";
            switch (outcome.status()) {
                case ATTENTION ->
                    LOG.error(line, operation.id(), outcome.status().statusName(), outcome.message());
                case OK, SAVED ->
                    LOG.info(line, operation.id(), outcome.status().statusName(), outcome.message());
                default -> LOG.warn(line, operation.id(), outcome.status().statusName(), outcome.message());
            }
        });
    }
}
