package dev.cprkit.agent.update;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpEvent;
import dev.cprkit.proto.client.QmpException;
import java.time.Duration;
import java.util.Optional;

/**
 * How long the guest stood still.
 *
 * @param source how it was measured
 * @param timeline the checkpoints, as the new process gave them; empty if it keeps none
 */
public record Pause(Duration length, Source source, Optional<JsonNode> timeline) {
    /** Ways to measure a pause, the best first. */
    public enum Source {
        TIMELINE("timeline", "from the last guest instruction to the first"),
        EVENTS("events", "between the events STOP and RESUME");

        private final String sourceName;
        private final String meaning;

        Source(String sourceName, String meaning) {
            this.sourceName = sourceName;
            this.meaning = meaning;
        }

        /** The stable name. */
        public String sourceName() {
            return sourceName;
        }

        /** For people. */
        public String meaning() {
            return meaning;
        }
    }

    /** Measures; empty if the guest was not running, so that it was not paused either. */
    static Optional<Pause> measure(VmMonitor oldVm, VmMonitor newVm) {
        Optional<QmpEvent> stop = oldVm.events().first("STOP");
        Optional<QmpEvent> resume = newVm.events().first("RESUME");
        if (stop.isEmpty() || resume.isEmpty()) {
            return Optional.empty();
        }
        Optional<JsonNode> timeline = Optional.empty();
        try {
            timeline = newVm.timeline();
        } catch (QmpException e) {
            timeline = Optional.empty(); // a figure less; the update itself is not in question
        }
        if (timeline.isPresent() && timeline.get().path("pause-ns").isIntegralNumber()) {
            Duration exact = Duration.ofNanos(timeline.get().path("pause-ns").asLong());
            return Optional.of(new Pause(exact, Source.TIMELINE, timeline));
        }
        Duration between = Duration.between(stop.get().at(), resume.get().at());
        return Optional.of(new Pause(between, Source.EVENTS, timeline));
    }
}
