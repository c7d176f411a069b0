package dev.cprkit.agent.update;

import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.host.ProcessRef;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Tells the journal of everything that one way touches, before it is touched. The update's thread uses it. */
final class Witness {
    private final UpdateJournal journal;
    private final ProcessHost host;
    private final OldVm old;
    private final UpdatePlan plan;
    private Optional<ProcessRef> next = Optional.empty();

    Witness(UpdateJournal journal, ProcessHost host, OldVm old, UpdatePlan plan) {
        this.journal = journal;
        this.host = host;
        this.old = old;
        this.plan = plan;
    }

    /** Before anything is done, and whenever more is known. */
    void tell(Map<String, Boolean> oldCapabilities, Map<String, Long> oldParameters) {
        journal.evidence(new Evidence(
                plan.mode(),
                old.ref(),
                old.socket(),
                old.runState(),
                old.mode(),
                oldCapabilities,
                oldParameters,
                plan.with(old.program()).command(),
                environment(old),
                plan.command(),
                plan.directory(),
                plan.privateFolder(),
                next,
                plan.qmp(),
                plan.next().moves(),
                plan.log(),
                plan.stateFile()));
    }

    /** There is a new process, or another one than the journal knows of. */
    void started(long pid) {
        Optional<ProcessRef> found = host.ref(pid);
        if (found.isPresent() && !found.equals(next)) {
            next = found;
            tell(old.changedCapabilities(), old.changedParameters());
        }
    }

    /** What both programs are started with. */
    static Map<String, String> environment(OldVm old) {
        Map<String, String> environment = new HashMap<>(old.facts().environment());
        environment.remove("QEMU_CPR_EXEC_STATE"); // would make one look for memory that is not handed over this way
        return environment;
    }
}
