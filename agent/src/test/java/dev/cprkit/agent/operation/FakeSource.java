package dev.cprkit.agent.operation;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.update.Cancellation;
import dev.cprkit.agent.update.UpdateJournal;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.agent.update.UpdateStep;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Work that goes on until a test lets it end, or somebody asks it to. */
final class FakeSource implements Work.Source {
    final Map<String, Job> jobs = new ConcurrentHashMap<>();
    final AtomicInteger running = new AtomicInteger();
    final AtomicInteger most = new AtomicInteger();
    Optional<Path> program = Optional.empty();
    volatile boolean ends;
    volatile Optional<RuntimeException> mistake = Optional.empty();

    @Override
    public Optional<Path> program(OperationSpec spec) {
        return program;
    }

    @Override
    public Work of(Operation operation, UpdateJournal journal, Cancellation cancellation) {
        return job(operation.id()).with(journal, cancellation);
    }

    /** That of an operation, which may not have begun yet. */
    Job job(String id) {
        return jobs.computeIfAbsent(id, one -> new Job());
    }

    final class Job implements Work {
        final CountDownLatch started = new CountDownLatch(1);
        private final CountDownLatch end = new CountDownLatch(1);
        private volatile UpdateJournal journal;
        private volatile Cancellation cancellation;
        private volatile String asked = "nothing";

        Job with(UpdateJournal told, Cancellation wish) {
            journal = told;
            cancellation = wish;
            return this;
        }

        void finish() {
            end.countDown();
        }

        @Override
        public Outcome run() {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            try {
                journal.entered(new UpdateStep(UpdateState.PLANNED, Duration.ofMillis(1), "it is " + asked));
                started.countDown();
                if (mistake.isPresent()) {
                    throw mistake.get();
                }
                if (!ends && !end.await(20, TimeUnit.SECONDS)) {
                    return Outcomes.of(ExitStatus.ATTENTION, "nobody ended it");
                }
                return Outcomes.of(
                        cancellation.isRequested() ? ExitStatus.ABORTED : ExitStatus.OK, "asked for " + asked);
            } catch (InterruptedException e) {
                return Outcomes.of(ExitStatus.ATTENTION, "interrupted");
            } finally {
                running.decrementAndGet();
            }
        }

        @Override
        public void commit() {
            asked = "a commit";
            finish();
        }

        @Override
        public void goBack() {
            asked = "the way back";
            finish();
        }
    }
}
