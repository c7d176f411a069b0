package dev.cprkit.agent.operation;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.FileDigest;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.journal.Journal;
import dev.cprkit.agent.journal.Journal.Begun;
import dev.cprkit.agent.journal.Journal.Request;
import dev.cprkit.agent.journal.JournalException;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.vm.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
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

    private final Journal journal;
    private final Work.Source source;
    private final Caller caller;
    private final ProcessRef self = ProcessRef.self();
    private final Listeners listeners = new Listeners();
    private final Map<String, RunningOperation> running = new ConcurrentHashMap<>();
    private final Bell bell = new Bell();
    private final Turns turns;
    private final ForeignRequests requests;
    private final Leftovers leftovers;

    /** Held while one begins, so that none does once this is closed. */
    private final ReentrantLock beginning = new ReentrantLock();

    private boolean closed;

    /**
     * @param places how many operations may run at once on this host
     * @param caller who asks, where a call does not say
     */
    public LocalOperations(Journal journal, Work.Source source, Recoverer recoverer, int places, Caller caller) {
        this.journal = journal;
        this.source = source;
        this.caller = caller;
        this.turns = new Turns(journal, places, bell, LOOK_AGAIN);
        this.requests = new ForeignRequests(journal, running, bell, LOOK_AGAIN);
        this.leftovers = new Leftovers(journal, recoverer, running, listeners, self);
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
        String digest = program.map(FileDigest::ifKnown).orElse("");
        beginning.lock();
        try {
            if (closed) {
                throw new OperationException(ExitStatus.REFUSED, "this agent is about to end; nothing was done");
            }
            Begun begun = journal.begin(chosen, spec, who, self, path, digest);
            return begun.fresh() ? start(begun.operation()) : latest(begun.operation());
        } finally {
            beginning.unlock();
        }
    }

    private Operation start(Operation begun) {
        RunningOperation operation = new RunningOperation(begun, journal, listeners);
        running.put(begun.id(), operation);
        listeners.tell(listener -> listener.began(begun));
        requests.begun();
        Thread.ofPlatform().name("operation " + begun.id()).start(() -> conduct(operation));
        return begun;
    }

    private void conduct(RunningOperation operation) {
        try {
            operation.ended(outcome(operation));
        } finally {
            running.remove(operation.now().id());
            bell.ring();
            operation.gone();
        }
    }

    private Outcome outcome(RunningOperation operation) {
        try {
            Optional<Outcome> none = turns.await(operation);
            if (none.isPresent()) {
                return none.get();
            }
            Work work = source.of(operation.now(), operation, operation.cancellation());
            operation.does(work);
            return work.run();
        } catch (OperationException e) {
            return Outcomes.of(e.status(), e.getMessage());
        } catch (RuntimeException | Error e) {
            return leftovers.afterMistake(operation, e);
        }
    }

    /**
     * Finishes what processes that are gone have left, of one VM or of all, the oldest first.
     *
     * @return the operations that have ended so
     */
    public List<Operation> recover(Optional<VmName> vm) throws OperationException {
        try {
            return vm.isPresent() ? leftovers.recover(vm.get()) : leftovers.recover();
        } catch (JournalException e) {
            throw unusable(e);
        }
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
                Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
                bell.await(left.compareTo(LOOK_AGAIN) < 0 ? left : LOOK_AGAIN);
                operation = existing(id);
            }
            return operation;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return existing(id);
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
            ours.get().meet(request);
            bell.ring();
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
        beginning.lock();
        try {
            closed = true;
        } finally {
            beginning.unlock();
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
