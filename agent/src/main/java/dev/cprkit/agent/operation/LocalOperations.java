package dev.cprkit.agent.operation;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.journal.Journal;
import dev.cprkit.agent.journal.Journal.Begun;
import dev.cprkit.agent.journal.Journal.Request;
import dev.cprkit.agent.journal.JournalException;
import dev.cprkit.agent.journal.JournalException.Reason;
import dev.cprkit.agent.journal.Unfinished;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.update.UpdateStep;
import dev.cprkit.agent.vm.VmName;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The operations of this host, run in this process.
 *
 * <p>Each has a thread of its own. What decides between processes is in the journal: that a VM has one operation at a time,
 * and that so many run at once on the host; one that has to wait for its turn is begun already, and its time runs. Whatever
 * another process left unfinished on a VM is recovered before a new operation of that VM begins.
 *
 * <p>Owns its threads, and neither the journal nor the VMs. Any thread may call.
 */
public final class LocalOperations implements OperationService {
    /** How often another process's entries are looked for while somebody waits for them, or asks us for something. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    /** What operations under way may take when this is closed, first to end by themselves, then to back out. */
    private static final Duration CLOSING = Duration.ofSeconds(30);

    private static final Logger LOG = System.getLogger(LocalOperations.class.getName());

    private final Journal journal;
    private final Work.Source source;
    private final Recoverer recoverer;
    private final int places;
    private final Caller caller;
    private final ProcessRef self = ProcessRef.self();
    private final Listeners listeners = new Listeners();
    private final Map<String, RunningOperation> running = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition turn = lock.newCondition();
    private boolean watching;
    private long wakes;
    private boolean closed;

    /**
     * @param places how many operations may run at once on this host
     * @param caller who asks, where a call does not say
     */
    public LocalOperations(Journal journal, Work.Source source, Recoverer recoverer, int places, Caller caller) {
        if (places < 1) {
            throw new IllegalArgumentException("at least one operation at a time, not " + places);
        }
        this.journal = journal;
        this.source = source;
        this.recoverer = recoverer;
        this.places = places;
        this.caller = caller;
    }

    /** Those that the engine does on this host. */
    public static LocalOperations of(
            Home home, Journal journal, ManagedVms vms, ProcessHost host, int places, Caller caller) {
        return new LocalOperations(
                journal, new HostWork(home, journal, vms, host), new HostRecovery(home, host), places, caller);
    }

    @Override
    public Operation begin(Optional<String> id, OperationSpec spec) throws OperationException {
        return begin(id, spec, caller);
    }

    /** The same for somebody else. */
    public Operation begin(Optional<String> id, OperationSpec spec, Caller who) throws OperationException {
        String chosen = id.orElseGet(() -> OperationId.make(Instant.now()));
        SpecRules.check(chosen, spec);
        recover(Optional.of(spec.vm()));
        Optional<Operation> there = find(chosen);
        // Of an operation that is there already, the journal decides whether it is the one that is asked for.
        Optional<Path> program = there.isPresent() ? Optional.empty() : source.program(spec);
        String path = program.map(Path::toString).orElse("");
        String digest = program.map(FileDigest::of).orElse("");
        lock.lock();
        try {
            if (closed) {
                throw new OperationException(ExitStatus.REFUSED, "this agent is about to end; nothing was done");
            }
            Begun begun = journal.begin(chosen, spec, who, self, path, digest);
            return begun.fresh() ? start(begun.operation()) : latest(begun.operation());
        } finally {
            lock.unlock();
        }
    }

    private Operation start(Operation begun) {
        RunningOperation operation = new RunningOperation(begun, journal, listeners);
        running.put(begun.id(), operation);
        listeners.tell(listener -> listener.began(begun));
        if (!watching) {
            watching = true;
            Thread.ofPlatform().daemon().name("operations' requests").start(this::watchRequests);
        }
        Thread.ofPlatform().name("operation " + begun.id()).start(() -> conduct(operation));
        return begun;
    }

    private void conduct(RunningOperation operation) {
        try {
            operation.ended(outcome(operation));
        } finally {
            lock.lock();
            try {
                running.remove(operation.now().id());
                wakes++;
                turn.signalAll();
            } finally {
                lock.unlock();
            }
            operation.gone();
        }
    }

    private Outcome outcome(RunningOperation operation) {
        try {
            Optional<Outcome> none = awaitTurn(operation);
            if (none.isPresent()) {
                return none.get();
            }
            Work work = source.of(operation.now(), operation, operation.cancellation());
            operation.does(work);
            return work.run();
        } catch (OperationException e) {
            return Outcomes.of(e.status(), e.getMessage());
        } catch (RuntimeException | Error e) {
            // A mistake of ours, at any point of it: what is really there decides, as after a kill.
            LOG.log(Level.DEBUG, "operation " + operation.now().id() + " failed", e);
            return afterMistake(operation, e);
        }
    }

    private Outcome afterMistake(RunningOperation operation, Throwable mistake) {
        String what = "a mistake in cprkit: " + mistake;
        try {
            for (Unfinished left :
                    journal.unfinished(Optional.of(operation.now().spec().vm()))) {
                if (left.operation().id().equals(operation.now().id())) {
                    Outcome outcome = recoverer.recover(left, operation);
                    return Outcomes.because(what, outcome);
                }
            }
            return Outcomes.of(ExitStatus.ATTENTION, what);
        } catch (JournalException | RuntimeException e) {
            return Outcomes.of(ExitStatus.ATTENTION, what + "; then " + e.getMessage());
        }
    }

    /** Waits for one of the host's places; an outcome if it gets none. */
    private Optional<Outcome> awaitTurn(RunningOperation operation) {
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
            } catch (JournalException e) {
                if (e.reason() != Reason.BUSY) {
                    return Optional.of(Outcomes.of(ExitStatus.REFUSED, e.getMessage() + "; nothing was done"));
                }
            }
            pause();
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

    /** For a moment, or until one of our operations has ended or somebody has asked for something. */
    private void pause() {
        lock.lock();
        try {
            long seen = wakes;
            for (long left = LOOK_AGAIN.toNanos(); left > 0 && wakes == seen; ) {
                left = turn.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** As long as anything runs: what other processes ask of our operations, through the journal. */
    private void watchRequests() {
        long seen = -1;
        while (isWatching()) {
            try {
                long version = journal.foreignVersion();
                if (version != seen) {
                    for (RunningOperation operation : running.values()) {
                        meet(operation, journal.asked(operation.now().id()));
                    }
                    seen = version;
                }
            } catch (JournalException e) {
                seen = -1; // busy, perhaps: the next look will tell
            }
            pause();
        }
    }

    private boolean isWatching() {
        lock.lock();
        try {
            watching = !running.isEmpty();
            return watching;
        } finally {
            lock.unlock();
        }
    }

    private static void meet(RunningOperation operation, Request request) {
        switch (request) {
            case CANCEL -> operation.cancel();
            case COMMIT -> operation.commit();
            case NONE -> {}
        }
    }

    /**
     * Finishes what processes that are gone have left, of one VM or of all, the oldest first.
     *
     * @return the operations that have ended so
     */
    public List<Operation> recover(Optional<VmName> vm) throws OperationException {
        List<Operation> ended = new ArrayList<>();
        try {
            for (Unfinished left : journal.unfinished(vm)) {
                if (!left.runner().isAlive() && journal.adopt(left, self)) {
                    RunningOperation operation = new RunningOperation(left.operation(), journal, listeners);
                    running.put(left.operation().id(), operation);
                    try {
                        operation.ended(recoverer.recover(left, operation));
                        ended.add(operation.now());
                    } finally {
                        running.remove(left.operation().id());
                        operation.gone();
                    }
                }
            }
        } catch (JournalException e) {
            throw unusable(e);
        }
        return ended;
    }

    @Override
    public Optional<Operation> find(String id) throws OperationException {
        Optional<RunningOperation> ours = Optional.ofNullable(running.get(id));
        if (ours.isPresent()) {
            return Optional.of(ours.get().now());
        }
        try {
            return journal.find(id);
        } catch (JournalException e) {
            throw unusable(e);
        }
    }

    private Operation existing(String id) throws OperationException {
        return find(id).orElseThrow(() -> new OperationException(ExitStatus.USAGE, "there is no operation " + id));
    }

    private Operation latest(Operation operation) {
        Optional<RunningOperation> ours = Optional.ofNullable(running.get(operation.id()));
        return ours.map(RunningOperation::now).orElse(operation);
    }

    @Override
    public Operation await(String id, Duration limit) throws OperationException {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            Optional<RunningOperation> ours = Optional.ofNullable(running.get(id));
            if (ours.isPresent()) {
                var _ = ours.get().awaitEnd(limit);
                return ours.get().now();
            }
            Operation operation = existing(id);
            while (operation.outcome().isEmpty() && System.nanoTime() - deadline < 0) {
                awaitForeignEntry(deadline);
                operation = existing(id);
            }
            return operation;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return existing(id);
        }
    }

    private void awaitForeignEntry(long deadline) throws InterruptedException {
        long nanos = Math.min(LOOK_AGAIN.toNanos(), Math.max(1, deadline - System.nanoTime()));
        lock.lockInterruptibly();
        try {
            for (long left = nanos; left > 0; ) {
                left = turn.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<Operation> history(Optional<VmName> vm, int most) throws OperationException {
        try {
            return journal.history(vm, most).stream().map(this::latest).toList();
        } catch (JournalException e) {
            throw unusable(e);
        }
    }

    @Override
    public Operation cancel(String id) throws OperationException {
        return ask(id, Request.CANCEL);
    }

    @Override
    public Operation commit(String id) throws OperationException {
        return ask(id, Request.COMMIT);
    }

    private Operation ask(String id, Request request) throws OperationException {
        Operation operation = existing(id);
        Optional<RunningOperation> ours = Optional.ofNullable(running.get(id));
        if (ours.isPresent()) {
            meet(ours.get(), request);
            wakeAll();
        } else if (operation.outcome().isEmpty()) {
            recover(Optional.of(operation.spec().vm())); // whoever ran it may be gone
            try {
                journal.ask(id, request);
            } catch (JournalException e) {
                throw unusable(e);
            }
        }
        return existing(id);
    }

    private void wakeAll() {
        lock.lock();
        try {
            wakes++;
            turn.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Subscription subscribe(OperationListener listener) {
        return listeners.add(listener);
    }

    private static OperationException unusable(JournalException e) {
        return new OperationException(ExitStatus.ATTENTION, e.getMessage());
    }

    /** Begins nothing more, and waits for what is under way: for a while as it is, then asking it to back out. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        List<RunningOperation> left = new ArrayList<>(running.values());
        try {
            awaitAll(left);
            left.removeIf(operation -> operation.now().outcome().isPresent());
            left.forEach(RunningOperation::commit); // first: no more is asked of an update than to stay where it is
            left.forEach(RunningOperation::cancel);
            awaitAll(left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void awaitAll(List<RunningOperation> operations) throws InterruptedException {
        long deadline = System.nanoTime() + CLOSING.toNanos();
        for (RunningOperation operation : operations) {
            var _ = operation.awaitEnd(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        }
    }
}
