package dev.cprkit.agent.update;

import java.time.Duration;

/**
 * An update has reached a state.
 *
 * @param sinceStart of the update
 * @param detail what is worth knowing about it, one line without a full stop
 */
public record UpdateStep(UpdateState state, Duration sinceStart, String detail) {}
