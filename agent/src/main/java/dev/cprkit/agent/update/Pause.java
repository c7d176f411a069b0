package dev.cprkit.agent.update;

import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpEvent;
import dev.cprkit.proto.client.QmpException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How long the guest stood still.
 *
 * @param source how it was measured
 * @param timeline the checkpoints, as the new process gave them; empty if it keeps none
 */
public record Pause(Duration length, Source source, Optional<Timeline> timeline) {
    private static final Duration FIRST_INSTRUCTION = Duration.ofSeconds(2);

    /** Ways to measure a pause, the best first. */
    public enum Source {
        TIMELINE("timeline", "from the last guest instruction to the first"),
        EVENTS("events", "between the events STOP and RESUME"),
        OBSERVED("observed", "from the event STOP until the new program was seen to have the guest, so at most");

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

    /**
     * Measures; empty if the guest was not running, so that it was not paused either.
     *
     * @param newVm is asked whether it knows better
     */
    static Optional<Pause> measure(Optional<QmpEvent> stop, Optional<QmpEvent> resume, VmMonitor newVm, Watch watch) {
        return stop.isEmpty() || resume.isEmpty()
                ? Optional.empty()
                : Optional.of(between(stop.get().at(), resume.get().at(), Source.EVENTS, newVm, watch));
    }

    /** The same where nobody heard the new program say RESUME; {@code seen} is when it was first seen to have the guest. */
    static Optional<Pause> upTo(Optional<QmpEvent> stop, Instant seen, VmMonitor newVm, Watch watch) {
        return stop.map(event -> between(event.at(), seen, Source.OBSERVED, newVm, watch));
    }

    private static Pause between(Instant from, Instant to, Source source, VmMonitor newVm, Watch watch) {
        Optional<Timeline> timeline = timeline(newVm, watch);
        Optional<Long> exact = timeline.flatMap(Timeline::pauseNanos);
        return exact.isPresent()
                ? new Pause(Duration.ofNanos(exact.get()), Source.TIMELINE, timeline)
                : new Pause(Duration.between(from, to), source, timeline);
    }

    /** The guest's first instruction may come a little later than the run state says: its thread has to start. */
    private static Optional<Timeline> timeline(VmMonitor newVm, Watch watch) {
        List<Timeline> last = new ArrayList<>();
        try {
            watch.happens(FIRST_INSTRUCTION, () -> {
                last.clear();
                newVm.timeline().map(Timeline::of).ifPresent(last::add);
                return last.isEmpty() || last.getFirst().pauseNanos().isPresent();
            });
        } catch (QmpException | UpdateFailure e) {
            return Optional.empty(); // a figure less; the update itself is not in question
        }
        return last.stream().findFirst();
    }
}
