package dev.cprkit.agent.daemon;

import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationListener;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * What operations do, for everybody who listens, with numbers by which a listener that was away finds its place again.
 *
 * <p>A number is the time of day in nanoseconds, made larger than the one before. So it means something after the agent was
 * restarted, too: what is no longer here is told from the journal, from a little before that time on, for what was written
 * then may not have been told. An event may so come twice; none is lost.
 *
 * <p>Operations that another process runs (a {@code cprctl} by itself) are told when the journal shows them, see
 * {@link #look}. Any thread may call; nobody is waited for: a listener that does not listen is dropped.
 */
final class EventHub implements OperationListener {
    private static final int KEPT = 4096;
    private static final int WAITING = 2048;
    private static final int REMEMBERED = 4096;
    private static final Duration OVERLAP = Duration.ofSeconds(2);

    private final Metrics metrics;
    private final Deque<Numbered> recent = new ArrayDeque<>();
    private final Set<Listener> listeners = ConcurrentHashMap.newKeySet();
    /** How many events of an operation were told. */
    private final Map<String, Integer> told = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** The operations that this process tells of itself, so that the journal need not. */
    private final Set<String> ours = Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    });

    private long last;
    private boolean closed;

    EventHub(Metrics metrics) {
        this.metrics = metrics;
    }

    /** An event with its number. */
    record Numbered(long number, Event event) {}

    /** Whoever listens takes what comes from here. */
    static final class Listener implements AutoCloseable {
        /** An empty one wakes whoever waits, so that it sees the end. */
        private final BlockingQueue<Optional<Numbered>> queue = new ArrayBlockingQueue<>(WAITING);

        private final EventHub hub;
        private volatile boolean ended;

        private Listener(EventHub hub) {
            this.hub = hub;
        }

        /** The next event, or empty after so long without one. */
        Optional<Numbered> next(Duration limit) throws InterruptedException {
            Optional<Numbered> next = queue.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
            return next == null ? Optional.empty() : next;
        }

        /** Whether nothing more will come. */
        boolean isEnded() {
            return ended && queue.isEmpty();
        }

        @Override
        public void close() {
            ended = true;
            hub.listeners.remove(this);
            var _ = queue.offer(Optional.empty());
        }
    }

    /** What was there before the agent is no news. */
    synchronized void knows(List<Operation> operations) {
        for (Operation operation : operations) {
            told.put(operation.id(), Event.story(operation).size());
        }
    }

    /** Tells of operations of other processes what was not told yet. */
    synchronized void look(List<Operation> newestFirst) {
        for (Operation operation : newestFirst.reversed()) {
            if (ours.contains(operation.id())) {
                continue;
            }
            List<Event> story = Event.story(operation);
            int known = told.getOrDefault(operation.id(), 0);
            for (Event event : story.subList(Math.min(known, story.size()), story.size())) {
                publish(event);
            }
        }
    }

    /** Whether this process runs an operation. */
    synchronized boolean isOurs(String id) {
        return ours.contains(id);
    }

    /** Begins to listen, after what came after {@code lastNumber}; 0 for from now on. */
    synchronized Listener listen(long lastNumber, List<Operation> newestFirst) {
        Listener listener = new Listener(this);
        if (lastNumber > 0) {
            for (Numbered one : after(lastNumber, newestFirst)) {
                if (!listener.queue.offer(Optional.of(one))) {
                    break; // it will come back for the rest
                }
            }
        }
        if (closed || listener.queue.remainingCapacity() == 0) {
            listener.ended = true;
        } else {
            listeners.add(listener);
        }
        return listener;
    }

    private List<Numbered> after(long number, List<Operation> newestFirst) {
        if (!recent.isEmpty() && recent.getFirst().number() <= number) {
            return recent.stream().filter(one -> one.number() > number).toList();
        }
        long from = number - OVERLAP.toNanos();
        List<Numbered> missed = new ArrayList<>();
        for (Operation operation : newestFirst) {
            for (Event event : Event.story(operation)) {
                if (nanos(event.at()) > from) {
                    missed.add(new Numbered(nanos(event.at()), event));
                }
            }
        }
        missed.sort(Comparator.comparingLong(Numbered::number));
        return missed;
    }

    private static long nanos(Instant at) {
        return TimeUnit.SECONDS.toNanos(at.getEpochSecond()) + at.getNano();
    }

    @Override
    public void began(Operation operation) {
        tell(new Event(Event.Kind.BEGAN, operation.began(), operation, Optional.empty(), Optional.empty()));
    }

    @Override
    public void entered(Operation operation, Operation.Step step) {
        tell(new Event(Event.Kind.ENTERED, step.at(), operation, Optional.of(step), Optional.empty()));
    }

    @Override
    public void found(Operation operation, Finding finding) {
        tell(new Event(Event.Kind.FOUND, Instant.now(), operation, Optional.empty(), Optional.of(finding)));
    }

    @Override
    public void ended(Operation operation) {
        Instant at = operation.outcome().map(Operation.Outcome::at).orElseGet(Instant::now);
        tell(new Event(Event.Kind.ENDED, at, operation, Optional.empty(), Optional.empty()));
    }

    private synchronized void tell(Event event) {
        ours.add(event.operation().id());
        publish(event);
    }

    private synchronized void publish(Event event) {
        Operation operation = event.operation();
        told.merge(operation.id(), 1, Integer::sum);
        switch (event.kind()) {
            case BEGAN -> metrics.began();
            case ENTERED -> metrics.entered(operation, event.step().orElseThrow());
            case FOUND -> {}
            case ENDED -> metrics.ended(operation, operation.outcome().orElseThrow());
        }
        last = Math.max(last + 1, nanos(event.at()));
        Numbered numbered = new Numbered(last, event);
        recent.addLast(numbered);
        if (recent.size() > KEPT) {
            recent.removeFirst();
        }
        for (Listener listener : listeners) {
            if (!listener.queue.offer(Optional.of(numbered))) {
                listener.close();
            }
        }
    }

    /** Ends every listener's stream, and those of all who come later. */
    synchronized void close() {
        closed = true;
        listeners.forEach(Listener::close);
    }
}
