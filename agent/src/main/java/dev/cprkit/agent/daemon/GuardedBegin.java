package dev.cprkit.agent.daemon;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.operation.Caller;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationService;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.vm.VmOverviews;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Begins only what the configuration allows: whichever program the operation would start, named or not, is one of those
 * that may be run. A request that was answered already is answered the same again. Any thread may call.
 */
final class GuardedBegin implements Begin {
    private static final int PAST = 100;

    /** For what is just being begun when the agent stops: a look at a program and a line in the journal. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final OperationService operations;
    private final Begin begin;
    private final Vms vms;
    private final ProgramRules programs;

    /** Held by all who begin something; by {@link #stop}, when nobody does any more. */
    private final ReadWriteLock beginning = new ReentrantReadWriteLock();

    private volatile boolean stopping;

    GuardedBegin(OperationService operations, Begin begin, Vms vms, ProgramRules programs) {
        this.operations = operations;
        this.begin = begin;
        this.vms = vms;
        this.programs = programs;
    }

    @Override
    public Operation begin(Optional<String> id, OperationSpec spec, Caller who) throws OperationException {
        beginning.readLock().lock();
        try {
            Optional<Operation> there = id.isPresent() ? operations.find(id.get()) : Optional.empty();
            if (there.isEmpty()) {
                if (stopping) {
                    throw new OperationException(ExitStatus.UNREACHABLE, "the agent stops; nothing was done");
                }
                guard(spec);
            }
            return begin.begin(id, spec, who);
        } finally {
            beginning.readLock().unlock();
        }
    }

    private void guard(OperationSpec spec) throws OperationException {
        if (spec.program().isPresent()) {
            var _ = programs.check(spec.program().get());
            return;
        }
        try {
            switch (spec.kind()) {
                case UPDATE -> {
                    var _ = programs.check(vms.program(spec.vm())
                            .orElseThrow(() -> new OperationException(
                                    ExitStatus.UNREACHABLE,
                                    "VM " + spec.vm() + " does not answer, so nobody can tell which program it would be"
                                            + " updated to; nothing was done")));
                }
                case ROLLBACK -> {
                    Optional<Path> previous = VmOverviews.lastUpdate(operations.history(Optional.of(spec.vm()), PAST))
                            .flatMap(Operation.Outcome::previous)
                            .map(Operation.Program::path);
                    if (previous.isPresent()) {
                        var _ = programs.check(previous.get());
                    }
                }
                case SAVE, RESTORE -> {} // what was saved is started again as it was
            }
        } catch (IOException e) {
            throw new OperationException(ExitStatus.UNREACHABLE, e.getMessage());
        }
    }

    /** Begins nothing new from now on. What was just being begun is begun, and told, when this returns. */
    void stop() {
        stopping = true;
        try {
            if (beginning.writeLock().tryLock(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                beginning.writeLock().unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isStopping() {
        return stopping;
    }
}
