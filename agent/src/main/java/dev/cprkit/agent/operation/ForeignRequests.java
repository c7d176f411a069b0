package dev.cprkit.agent.operation;

import dev.cprkit.agent.journal.Journal;
import dev.cprkit.agent.journal.JournalException;
import java.time.Duration;
import java.util.Map;

/**
 * What other processes ask of the operations that this one runs, through the journal. A thread of its own looks for that as
 * long as anything runs. Any thread may call.
 */
final class ForeignRequests {
    /** No version of the journal: look, whatever it is. */
    private static final long UNSEEN = -1;

    private final Journal journal;
    private final Map<String, RunningOperation> running;
    private final Bell bell;
    private final Duration lookAgain;
    private boolean watching;
    private long seen = UNSEEN;

    ForeignRequests(Journal journal, Map<String, RunningOperation> running, Bell bell, Duration lookAgain) {
        this.journal = journal;
        this.running = running;
        this.bell = bell;
        this.lookAgain = lookAgain;
    }

    /** There is one more that runs, of which somebody may have asked something already. */
    synchronized void begun() {
        seen = UNSEEN;
        if (!watching) {
            watching = true;
            Thread.ofPlatform().daemon().name("operations' requests").start(this::watch);
        }
    }

    private void watch() {
        while (isWatching()) {
            try {
                look();
                bell.await(lookAgain);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return; // nobody interrupts it while this process lives
            }
        }
    }

    private synchronized boolean isWatching() {
        watching = !running.isEmpty();
        return watching;
    }

    private void look() {
        try {
            long version = journal.foreignVersion();
            if (!isNew(version)) {
                return;
            }
            for (RunningOperation operation : running.values()) {
                operation.meet(journal.asked(operation.now().id()));
            }
        } catch (JournalException e) {
            unseen(); // busy, perhaps: the next look will tell
        }
    }

    /** Noted before it is looked at: what changes in between is looked at the next time. */
    private synchronized boolean isNew(long version) {
        boolean fresh = version != seen;
        seen = version;
        return fresh;
    }

    private synchronized void unseen() {
        seen = UNSEEN;
    }
}
