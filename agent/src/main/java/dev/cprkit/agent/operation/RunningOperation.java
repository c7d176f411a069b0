package dev.cprkit.agent.operation;

import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.journal.Journal;
import dev.cprkit.agent.journal.Journal.Request;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.operation.Operation.Step;
import dev.cprkit.agent.update.Cancellation;
import dev.cprkit.agent.update.Evidence;
import dev.cprkit.agent.update.UpdateJournal;
import dev.cprkit.agent.update.UpdateStep;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * An operation that this process runs: how far it is, in the journal first, then here, then to those who listen. Its
 * thread writes; any thread reads.
 */
final class RunningOperation implements UpdateJournal {
    private final Journal journal;
    private final Listeners listeners;
    private final Cancellation cancellation = new Cancellation();
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile Operation now;
    private Optional<Work> work = Optional.empty();
    private Request wish = Request.NONE;

    RunningOperation(Operation begun, Journal journal, Listeners listeners) {
        this.now = begun;
        this.journal = journal;
        this.listeners = listeners;
    }

    Operation now() {
        return now;
    }

    Cancellation cancellation() {
        return cancellation;
    }

    /** What it does; what was asked for before reaches it. */
    synchronized void does(Work what) {
        work = Optional.of(what);
        pass(what);
    }

    /** What somebody asked for. */
    void meet(Request request) {
        switch (request) {
            case CANCEL -> cancel();
            case COMMIT -> commit();
            case NONE -> {}
        }
    }

    /** Ends its probation: the update stays. */
    void commit() {
        ask(Request.COMMIT);
    }

    /** Makes it back out while that is possible, or, in its probation, go back. */
    void cancel() {
        cancellation.request();
        ask(Request.CANCEL);
    }

    private synchronized void ask(Request request) {
        if (wish == Request.NONE) {
            wish = request;
            work.ifPresent(this::pass);
        }
    }

    private void pass(Work to) {
        switch (wish) {
            case COMMIT -> to.commit();
            case CANCEL -> to.goBack();
            case NONE -> {}
        }
    }

    @Override
    public void entered(UpdateStep reached) {
        Step step = new Step(reached.state(), Instant.now(), reached.sinceStart(), reached.detail());
        journal.entered(now.id(), step);
        List<Step> steps = new ArrayList<>(now.steps());
        steps.add(step);
        now = with(steps, now.findings(), now.outcome());
        listeners.tell(listener -> listener.entered(now, step));
    }

    @Override
    public void found(Finding finding) {
        journal.found(now.id(), finding);
        List<Finding> findings = new ArrayList<>(now.findings());
        findings.add(finding);
        now = with(now.steps(), findings, now.outcome());
        listeners.tell(listener -> listener.found(now, finding));
    }

    @Override
    public void evidence(Evidence evidence) {
        journal.evidence(now.id(), evidence);
    }

    void ended(Outcome outcome) {
        journal.ended(now.id(), outcome);
        now = with(now.steps(), now.findings(), Optional.of(outcome));
        listeners.tell(listener -> listener.ended(now));
    }

    /** After {@link #ended}, when nothing of it is left in this process. */
    void gone() {
        end.countDown();
    }

    boolean awaitEnd(Duration limit) throws InterruptedException {
        return end.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    private Operation with(List<Step> steps, List<Finding> findings, Optional<Outcome> outcome) {
        return new Operation(now.id(), now.spec(), now.caller(), now.began(), steps, findings, outcome);
    }
}
