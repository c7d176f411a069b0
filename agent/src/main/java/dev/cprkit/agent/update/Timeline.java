package dev.cprkit.agent.update;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a new process that keeps a timeline says of the update that it came from ({@code x-query-cpr-timeline}).
 *
 * @param checkpoints of both processes, in the order in which they were passed
 * @param pauseNanos from the last guest instruction to the first; empty as long as there was no first one
 */
public record Timeline(List<Checkpoint> checkpoints, Optional<Long> pauseNanos) {
    /** The first and the last checkpoint of a pause. */
    private static final String LAST_INSTRUCTION = "last-guest-instruction";

    private static final String FIRST_INSTRUCTION = "first-guest-instruction";

    /**
     * A place that an update passes.
     *
     * @param byOld whether the old process passed it
     * @param nanos on the host's monotonic clock, which both processes share
     */
    public record Checkpoint(String name, boolean byOld, long nanos) {}

    static Timeline of(JsonNode reply) {
        boolean targetsOwn = reply.path("role").asText("target").equals("target");
        List<Checkpoint> checkpoints = new ArrayList<>();
        add(reply.path("checkpoints"), !targetsOwn, checkpoints);
        add(reply.path("peer-checkpoints"), targetsOwn, checkpoints);
        checkpoints.sort(Comparator.comparingLong(Checkpoint::nanos));
        JsonNode pause = reply.path("pause-ns");
        return new Timeline(
                List.copyOf(checkpoints), pause.isIntegralNumber() ? Optional.of(pause.asLong()) : Optional.empty());
    }

    private static void add(JsonNode list, boolean byOld, List<Checkpoint> checkpoints) {
        for (JsonNode one : list) {
            checkpoints.add(new Checkpoint(
                    one.path("name").asText(), byOld, one.path("ns").asLong()));
        }
    }

    /** The checkpoints from the guest's last instruction to its first. */
    public List<Checkpoint> duringPause() {
        Optional<Long> from = at(LAST_INSTRUCTION);
        Optional<Long> to = at(FIRST_INSTRUCTION);
        if (from.isEmpty() || to.isEmpty()) {
            return List.of();
        }
        return checkpoints.stream()
                .filter(c -> c.nanos() >= from.get() && c.nanos() <= to.get())
                .toList();
    }

    private Optional<Long> at(String name) {
        return checkpoints.stream()
                .filter(c -> c.name().equals(name))
                .map(Checkpoint::nanos)
                .findFirst();
    }
}
