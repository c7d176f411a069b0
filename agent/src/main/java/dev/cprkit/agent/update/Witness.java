package dev.cprkit.agent.update;

import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.hotplug.Hotplugged;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Tells the journal of everything that one way touches, before it is touched. The update's thread uses it. */
final class Witness {
    private final UpdateJournal journal;
    private final ProcessHost host;
    private final OldVm old;
    private final UpdatePlan plan;
    private final Hotplugged hotplugged;
    private boolean ignoresShared;
    private Optional<ProcessRef> next = Optional.empty();

    /** @param hotplugged what a new process must be given that its command line does not have */
    Witness(UpdateJournal journal, ProcessHost host, OldVm old, UpdatePlan plan, Hotplugged hotplugged) {
        this.journal = journal;
        this.host = host;
        this.old = old;
        this.plan = plan;
        this.hotplugged = hotplugged;
    }

    /** Before anything is done, with the settings that the old process {@link OldVm#intend intends} to change. */
    void tell(boolean leavesMemoryInFiles) {
        ignoresShared = leavesMemoryInFiles;
        tell();
    }

    private void tell() {
        journal.evidence(new Evidence(
                plan.mode(),
                old.ref(),
                old.socket(),
                old.runState(),
                old.mode(),
                old.changedCapabilities(),
                old.changedParameters(),
                plan.with(old.program()).command(),
                environment(old),
                plan.command(),
                plan.directory(),
                plan.privateFolder(),
                next,
                plan.qmp(),
                plan.next().moves(),
                plan.log(),
                plan.stateFile(),
                ignoresShared,
                hotplugged.commands(),
                old.settings()));
    }

    /** There is a new process, or another one than the journal knows of. */
    void started(long pid) {
        Optional<ProcessRef> found = host.ref(pid);
        if (found.isPresent() && !found.equals(next)) {
            next = found;
            tell();
        }
    }

    /** What both programs are started with. */
    static Map<String, String> environment(OldVm old) {
        Map<String, String> environment = new HashMap<>(old.facts().environment());
        environment.remove("QEMU_CPR_EXEC_STATE"); // would make one look for memory that is not handed over this way
        environment.remove(NewVm.MARK); // that of the update which it came from
        return environment;
    }
}
