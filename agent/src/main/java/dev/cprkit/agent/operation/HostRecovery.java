package dev.cprkit.agent.operation;

import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.journal.Unfinished;
import dev.cprkit.agent.operation.Operation.Outcome;
import dev.cprkit.agent.reboot.SavedStates;
import dev.cprkit.agent.update.RebootOfHostRecovery;
import dev.cprkit.agent.update.Recovery;
import dev.cprkit.agent.update.UpdateJournal;

/** Recovers every kind of operation on this host. */
public final class HostRecovery implements Recoverer {
    private final Home home;
    private final ProcessHost host;

    public HostRecovery(Home home, ProcessHost host) {
        this.home = home;
        this.host = host;
    }

    @Override
    public Outcome recover(Unfinished left, UpdateJournal journal) {
        Operation operation = left.operation();
        return switch (operation.spec().kind()) {
            case UPDATE, ROLLBACK -> new Recovery(host).recover(operation, left.evidence(), journal);
            case SAVE ->
                new RebootOfHostRecovery(new SavedStates(home), host).save(operation, left.evidence(), journal);
            case RESTORE ->
                new RebootOfHostRecovery(new SavedStates(home), host).restore(operation, left.evidence(), journal);
        };
    }
}
