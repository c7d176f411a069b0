package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import java.time.Duration;
import java.util.Optional;

/** How far one update is, and what its parts share: the clock, the wish to stop, the journal. Its thread uses it. */
final class Course {
    private final UpdateJournal journal;
    private final Cancellation cancellation;
    private final Deadline deadline;
    private final Watch watch = new Watch();
    private final long started;
    private Optional<UpdateState> state;

    /** @param from the state that an update which was cut off had come to; empty for a new one */
    Course(UpdateJournal journal, Cancellation cancellation, Duration timeout, Optional<UpdateState> from) {
        this(journal, cancellation, timeout, System.nanoTime(), from);
    }

    private Course(
            UpdateJournal journal,
            Cancellation cancellation,
            Duration timeout,
            long started,
            Optional<UpdateState> state) {
        this.journal = journal;
        this.cancellation = cancellation;
        this.deadline = Deadline.in(timeout);
        this.started = started;
        this.state = state;
        cancellation.onRequest(watch::poke);
    }

    /** What is told of an update that undoes this one follows what was told of this one. Nobody can stop it. */
    Course back(Duration timeout) {
        return new Course(journal, new Cancellation(), timeout, started, state);
    }

    /** The update has reached a state. */
    void enter(UpdateState next, String detail) {
        if (state.isPresent() && !state.get().allows(next)) {
            throw new IllegalStateException(state.get() + " does not lead to " + next);
        }
        state = Optional.of(next);
        journal.entered(new UpdateStep(next, took(), detail));
    }

    /** Goes through the states up to {@code last} that nobody saw when they were reached. */
    void catchUp(UpdateState last) {
        for (UpdateState one : UpdateState.values()) {
            if (one.ordinal() <= last.ordinal() && state.orElseThrow().allows(one)) {
                enter(one, "seen late");
            }
        }
    }

    /** Fails if somebody asked to stop. */
    void stopIfAsked() throws UpdateFailure {
        if (cancellation.isRequested()) {
            throw new UpdateFailure(ExitStatus.ABORTED, "the update was asked to stop");
        }
    }

    /** The last state; empty if it has not reached any. */
    Optional<UpdateState> state() {
        return state;
    }

    UpdateJournal journal() {
        return journal;
    }

    Deadline deadline() {
        return deadline;
    }

    Watch watch() {
        return watch;
    }

    Duration took() {
        return Duration.ofNanos(System.nanoTime() - started);
    }
}
