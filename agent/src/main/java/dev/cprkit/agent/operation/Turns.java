package dev.cprkit.agent.operation;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.journal.Journal;
import dev.cprkit.agent.journal.JournalException;
import dev.cprkit.agent.journal.JournalException.Reason;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.update.UpdateStep;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The host's places: so many operations may run at once, whichever process runs them. Any thread may call. */
final class Turns {
    private final Journal journal;
    private final int places;
    private final Bell bell;
    private final Duration lookAgain;

    /** @param bell rings when an operation of this process has ended; others are looked for each {@code lookAgain} */
    Turns(Journal journal, int places, Bell bell, Duration lookAgain) {
        if (places < 1) {
            throw new IllegalArgumentException("at least one operation at a time, not " + places);
        }
        this.journal = journal;
        this.places = places;
        this.bell = bell;
        this.lookAgain = lookAgain;
    }

    /** Waits for a place; an outcome if the operation gets none. */
    Optional<Outcome> await(RunningOperation operation) {
        Duration timeout = operation.now().spec().timeout();
        long deadline = System.nanoTime() + timeout.toNanos();
        while (System.nanoTime() - deadline < 0) {
            if (operation.cancellation().isRequested()) {
                return aborted(operation, "the operation was asked to stop before it had its turn");
            }
            try {
                if (journal.takePlace(operation.now().id(), places, ProcessRef::isAlive)) {
                    return Optional.empty();
                }
                bell.await(lookAgain);
            } catch (JournalException e) {
                if (e.reason() != Reason.BUSY) { // whoever was busy has had us wait already
                    return Optional.of(Outcomes.of(ExitStatus.REFUSED, e.getMessage() + "; nothing was done"));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return aborted(operation, "this program ends");
            }
        }
        return aborted(
                operation,
                "it did not have its turn within " + timeout.toSeconds() + " s: " + places
                        + " operations may run at once on this host");
    }

    private static Optional<Outcome> aborted(RunningOperation operation, String why) {
        operation.entered(new UpdateStep(
                UpdateState.ABORTED, Duration.between(operation.now().began(), Instant.now()), why));
        return Optional.of(Outcomes.of(ExitStatus.ABORTED, why + "; nothing was done"));
    }
}
