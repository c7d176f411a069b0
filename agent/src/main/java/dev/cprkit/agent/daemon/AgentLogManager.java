package dev.cprkit.agent.daemon;

import java.util.logging.LogManager;

/**
 * Keeps the log open while the agent stops. The usual one closes it as soon as the process is asked to end, when the most
 * interesting lines are still to come. Named in {@code java.util.logging.manager}, which must be set before anything logs.
 */
public final class AgentLogManager extends LogManager {
    @Override
    public void reset() {
        // what is written goes out line by line: there is nothing to close
    }
}
