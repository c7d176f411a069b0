package dev.cprkit.agent.daemon;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.daemon.HostUpdateRecord.Part;
import dev.cprkit.agent.daemon.HostUpdateRecord.Progress;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One update of many VMs, as it goes on.
 *
 * <p>Each VM's update is an operation whose id follows from this one's, and that a VM is about to be begun is on disk before
 * it is. So whoever goes on after a kill asks the journal of each such operation: it ended, and counts; or it was never
 * begun, and is begun now under the same id; or the end of the agent has backed it out, and it is tried again. No VM is
 * updated twice, and none is left out.
 *
 * <p>As many threads as its concurrency says. Any thread may call.
 */
final class HostUpdate {
    private static final Logger LOG = LoggerFactory.getLogger(HostUpdate.class);
    private static final Duration SLICE = Duration.ofSeconds(1);
    private static final int MOST_ATTEMPTS = 5;

    private final HostUpdateFiles files;
    private final OperationService operations;
    private final Begin begin;
    private final int most;
    private final CountDownLatch end = new CountDownLatch(1);
    private HostUpdateRecord now;
    private int workers;
    /** The agent stops: what is under way is left for whoever comes next. */
    private boolean leaving;

    /** @param most at once, whatever it asks for: how many run at once on this host */
    HostUpdate(HostUpdateRecord update, HostUpdateFiles files, OperationService operations, Begin begin, int most) {
        this.most = most;
        this.now = update;
        this.files = files;
        this.operations = operations;
        this.begin = begin;
    }

    synchronized HostUpdateRecord now() {
        return now;
    }

    /** Begins, or goes on. */
    synchronized void start() {
        if (now.ended().isPresent()) {
            end.countDown();
            return;
        }
        long left = now.vms().stream()
                .filter(part -> part.progress() == Progress.WAITING || part.progress() == Progress.UNDER_WAY)
                .count();
        workers = Math.clamp(left, 1, Math.min(most, now.spec().concurrency()));
        List<Part> before = now.vms().stream()
                .filter(part -> part.progress() == Progress.UNDER_WAY)
                .toList();
        for (int i = 0; i < workers; i++) {
            // What was under way is taken up first, each by one.
            List<Part> his = new ArrayList<>();
            for (int j = i; j < before.size(); j += workers) {
                his.add(before.get(j));
            }
            Thread.ofVirtual().name("host update " + now.id()).start(() -> work(his));
        }
    }

    private void work(List<Part> takenUp) {
        try {
            for (Part part : takenUp) {
                takeUp(part);
            }
            for (Optional<Part> part = next(); part.isPresent(); part = next()) {
                update(part.get());
            }
        } catch (RuntimeException e) {
            LOG.error("host update {} failed; this is a bug", now().id(), e);
            stop("this is a bug in the agent, please report it: " + e);
        } finally {
            finished();
        }
    }

    /** An operation that was begun, or about to be, when the agent ended. */
    private void takeUp(Part part) {
        try {
            Optional<Operation> there = operations.find(part.operation(now().id()));
            boolean backedOut = there.flatMap(Operation::outcome)
                    .filter(outcome -> outcome.status() == ExitStatus.ABORTED)
                    .isPresent();
            boolean stopped = !now().message().isEmpty();
            if (stopped && there.isEmpty()) {
                put(new Part(part.vm(), Progress.SKIPPED, part.attempt(), Optional.empty(), ""));
            } else if (backedOut && !stopped && part.attempt() < MOST_ATTEMPTS) {
                Part again = new Part(part.vm(), Progress.UNDER_WAY, part.attempt() + 1, Optional.empty(), "");
                put(again);
                update(again);
            } else {
                update(part);
            }
        } catch (OperationException e) {
            put(ended(part, e.status(), e.getMessage()));
        }
    }

    /** The next VM, entered on disk as under way; empty if there is to be none. */
    private synchronized Optional<Part> next() {
        while (!leaving && now.message().isEmpty()) {
            Optional<Part> first = now.vms().stream()
                    .filter(part -> part.progress() == Progress.WAITING)
                    .findFirst();
            if (first.isEmpty()) {
                return first;
            }
            if (hasMemory()) {
                Part part = first.get();
                Part begun = new Part(part.vm(), Progress.UNDER_WAY, part.attempt(), Optional.empty(), "");
                return put(begun) ? Optional.of(begun) : Optional.empty();
            }
            if (now.vms().stream().noneMatch(part -> part.progress() == Progress.UNDER_WAY)) {
                stop("the host has less memory available than " + (now.spec().memoryReserve() >> 20) + " MiB");
                return Optional.empty();
            }
            try {
                wait(SLICE.toMillis()); // for one that is under way to end
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private boolean hasMemory() {
        return now.spec().memoryReserve() == 0 || available() >= now.spec().memoryReserve();
    }

    /** {@code MemAvailable} of proc_meminfo(5), in bytes; all there is if it cannot be read. */
    private static long available() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
                if (line.startsWith("MemAvailable:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
                }
            }
        } catch (IOException e) {
            // as below
        }
        return Long.MAX_VALUE;
    }

    private void update(Part part) {
        String id = part.operation(now().id());
        try {
            Operation operation = begin.begin(Optional.of(id), now().spec().of(part.vm()), now().caller());
            while (operation.outcome().isEmpty()) {
                if (isLeaving()) {
                    return;
                }
                operation = operations.await(id, SLICE);
            }
            Operation.Outcome outcome = operation.outcome().get();
            if (outcome.status() == ExitStatus.ABORTED && isLeaving()) {
                return; // the agent's stop has backed it out: the next one tries again
            }
            put(ended(part, outcome.status(), outcome.message()));
            judge(outcome);
        } catch (OperationException e) {
            if (!(e.status() == ExitStatus.UNREACHABLE && isLeaving())) {
                put(ended(part, e.status(), e.getMessage()));
                judgeFailures();
            }
        }
    }

    private static Part ended(Part part, ExitStatus status, String message) {
        return new Part(part.vm(), Progress.ENDED, part.attempt(), Optional.of(status), message);
    }

    private synchronized void judge(Operation.Outcome outcome) {
        Optional<Duration> limit = now.spec().pauseLimit();
        if (limit.isPresent()
                && outcome.pause().isPresent()
                && outcome.pause().get().compareTo(limit.get()) > 0) {
            stop("a guest stood still for " + outcome.pause().get().toMillis() + " ms, and "
                    + limit.get().toMillis() + " ms is the limit");
        }
        judgeFailures();
    }

    private synchronized void judgeFailures() {
        long failed = now.vms().stream().filter(Part::failed).count();
        int most = now.spec().stopAfterFailures();
        if (most > 0 && failed >= most) {
            stop(failed + " of the updates did not end well");
        }
    }

    /** Begins no more; what is under way goes on. */
    synchronized void stop(String why) {
        if (now.message().isEmpty()) {
            change(now.vms(), now.cancelled(), why, now.ended());
            notifyAll();
        }
    }

    /** Begins no more, and asks those under way to back out. */
    void cancel() {
        List<Part> underWay;
        synchronized (this) {
            if (now.ended().isPresent()) {
                return;
            }
            change(now.vms(), true, now.message().isEmpty() ? "it was cancelled" : now.message(), now.ended());
            notifyAll();
            underWay = now.vms().stream()
                    .filter(part -> part.progress() == Progress.UNDER_WAY)
                    .toList();
        }
        for (Part part : underWay) {
            try {
                operations.cancel(part.operation(now().id()));
            } catch (OperationException e) {
                LOG.warn("operation {} cannot be cancelled: {}", part.operation(now().id()), e.getMessage());
            }
        }
    }

    /** The agent stops: begins no more, and leaves what is under way to the next one. */
    synchronized void leave() {
        leaving = true;
        notifyAll();
    }

    private synchronized boolean isLeaving() {
        return leaving;
    }

    private synchronized boolean put(Part part) {
        List<Part> parts = new ArrayList<>(now.vms());
        parts.replaceAll(one -> one.vm().equals(part.vm()) ? part : one);
        notifyAll();
        return change(parts, now.cancelled(), now.message(), now.ended());
    }

    /** Writes first; false if that failed, and then nothing more is begun. */
    private boolean change(List<Part> parts, boolean cancelled, String message, Optional<Instant> ended) {
        HostUpdateRecord next =
                new HostUpdateRecord(now.id(), now.spec(), now.caller(), now.began(), parts, cancelled, message, ended);
        try {
            files.write(next);
            now = next;
            return true;
        } catch (IOException e) {
            LOG.error("host update {} cannot be written: {}", now.id(), e.getMessage());
            String why = message.isEmpty() ? "its file cannot be written: " + e.getMessage() : message;
            now = new HostUpdateRecord(now.id(), now.spec(), now.caller(), now.began(), parts, cancelled, why, ended);
            return false;
        }
    }

    private synchronized void finished() {
        if (--workers > 0) {
            return;
        }
        if (!leaving) {
            List<Part> parts = new ArrayList<>(now.vms());
            parts.replaceAll(part -> part.progress() == Progress.WAITING
                    ? new Part(part.vm(), Progress.SKIPPED, part.attempt(), Optional.empty(), "")
                    : part);
            long failed = parts.stream().filter(Part::failed).count();
            long done = parts.stream()
                    .filter(part -> part.progress() == Progress.ENDED && !part.failed())
                    .count();
            String summary = done + " of " + parts.size() + " updated" + (failed == 0 ? "" : ", " + failed + " failed");
            String why = now.message().isEmpty() ? "" : "; begun no more, because " + now.message();
            change(parts, now.cancelled(), summary + why, Optional.of(Instant.now()));
        }
        end.countDown();
    }

    /** Waits for its end; whether it came. */
    boolean await(Duration limit) throws InterruptedException {
        return end.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }
}
