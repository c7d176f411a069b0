package dev.cprkit.agent.operation;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.journal.Journal;
import dev.cprkit.agent.journal.JournalException;
import dev.cprkit.agent.journal.Unfinished;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.vm.VmName;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Operations that nobody runs any more: their process is gone, or made a mistake. Each is taken over by one process, and
 * gets an outcome whatever happens, so that its VM can be operated on again. Any thread may call.
 */
final class Leftovers {
    private static final Logger LOG = System.getLogger(Leftovers.class.getName());

    private final Journal journal;
    private final Recoverer recoverer;
    private final Map<String, RunningOperation> running;
    private final Listeners listeners;
    private final ProcessRef self;

    /** @param running gets those that are being recovered, so that they are found */
    Leftovers(
            Journal journal,
            Recoverer recoverer,
            Map<String, RunningOperation> running,
            Listeners listeners,
            ProcessRef self) {
        this.journal = journal;
        this.recoverer = recoverer;
        this.running = running;
        this.listeners = listeners;
        this.self = self;
    }

    /** Finishes those whose process is gone, the oldest first; one that cannot be read hides no other. */
    List<Operation> recover() throws JournalException {
        List<Operation> ended = new ArrayList<>();
        for (VmName vm : journal.underWay()) {
            try {
                ended.addAll(recover(vm));
            } catch (JournalException e) {
                LOG.log(Level.ERROR, "what is left of an operation of {0} cannot be seen: {1}", vm, e.getMessage());
            }
        }
        return ended;
    }

    /** The same for one VM; those that have ended so. */
    List<Operation> recover(VmName vm) throws JournalException {
        List<Operation> ended = new ArrayList<>();
        for (Unfinished left : journal.unfinished(Optional.of(vm))) {
            if (!left.runner().isAlive() && journal.adopt(left, self)) {
                ended.add(finish(left));
            }
        }
        return ended;
    }

    private Operation finish(Unfinished left) {
        String id = left.operation().id();
        RunningOperation operation = new RunningOperation(left.operation(), journal, listeners);
        running.put(id, operation);
        try {
            operation.ended(outcome(left, operation));
            return operation.now();
        } finally {
            running.remove(id);
            operation.gone();
        }
    }

    private Outcome outcome(Unfinished left, RunningOperation operation) {
        try {
            return recoverer.recover(left, operation);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "the recovery of operation " + left.operation().id() + " failed", e);
            return Outcomes.of(ExitStatus.ATTENTION, "whoever ran it is gone; then " + Outcomes.mistake(e));
        }
    }

    /** The outcome of one of ours that made a mistake, at any point of it: what is really there decides, as after a kill. */
    Outcome afterMistake(RunningOperation operation, Throwable mistake) {
        LOG.log(Level.ERROR, "operation " + operation.now().id() + " failed", mistake);
        String what = Outcomes.mistake(mistake);
        try {
            for (Unfinished left :
                    journal.unfinished(Optional.of(operation.now().spec().vm()))) {
                if (left.operation().id().equals(operation.now().id())) {
                    return Outcomes.because(what, recoverer.recover(left, operation));
                }
            }
            return Outcomes.of(ExitStatus.ATTENTION, what);
        } catch (JournalException | RuntimeException | Error e) {
            return Outcomes.of(ExitStatus.ATTENTION, what + "; then " + e.getMessage());
        }
    }
}
