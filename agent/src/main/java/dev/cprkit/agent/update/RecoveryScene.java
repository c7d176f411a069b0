package dev.cprkit.agent.update;

import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.argv.PathMove.Kind;
import dev.cprkit.agent.home.PrivateFolder;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.agent.update.LeftProcess.Found;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What an update that was cut off has left on the host. One thread uses it; owns both processes' connections. */
final class RecoveryScene implements AutoCloseable {
    static final Duration STEP = Duration.ofSeconds(10);

    final ProcessHost host;
    final UpdateState last;
    final Watch watch = new Watch();
    final LeftProcess old;
    final LeftProcess next;
    private final UpdateJournal journal;
    final Evidence evidence;

    /** Whether a monitor is that of a process. */
    interface Identity {
        boolean isOf(VmMonitor monitor, long pid);
    }

    RecoveryScene(ProcessHost host, Evidence evidence, UpdateState last, Identity identity, UpdateJournal journal) {
        this.host = host;
        this.evidence = evidence;
        this.journal = journal;
        this.last = last;
        this.old = new LeftProcess(
                host, Optional.of(evidence.old()), Optional.of(evidence.oldQmp()), identity, watch::poke);
        this.next = new LeftProcess(host, evidence.next(), evidence.nextQmp(), identity, watch::poke);
        if (evidence.mode() != MigMode.CPR_EXEC) {
            unknownOnes().forEach(next::isAlso);
        }
    }

    /** Processes that were started, and then there was no time to say so. */
    private Set<Long> unknownOnes() {
        String folder = evidence.privateFolder().toString();
        String mark = evidence.environment().getOrDefault(NewVm.MARK, folder);
        Set<Long> found = new LinkedHashSet<>(host.withVariable(NewVm.MARK, mark));
        if (evidence.mode() == MigMode.CPR_TRANSFER) { // whose command line has a socket in that folder
            found.addAll(host.withArgument(folder + "/"));
        }
        found.remove(evidence.old().pid());
        return found;
    }

    /** Tells the journal of a process that is started now: whoever comes after us finds it too. */
    void started(long pid) {
        host.ref(pid).ifPresent(ref -> journal.evidence(evidence.with(ref)));
    }

    boolean wasLive() {
        return evidence.oldRunState().equals("running")
                || evidence.oldRunState().equals("suspended");
    }

    boolean reached(UpdateState state) {
        return last.ordinal() >= state.ordinal() && last != UpdateState.ABORTED;
    }

    /** Looks at a process until it is none of these, at most so long; what it is then. */
    Found settle(LeftProcess process, Duration limit, Set<Found> passing) throws UpdateFailure {
        Found[] seen = {process.look()};
        try {
            watch.happens(limit, () -> {
                seen[0] = process.look();
                return !passing.contains(seen[0]);
            });
        } catch (QmpException e) {
            return process.look();
        }
        return seen[0];
    }

    /** Cancels what the old process may be sending; what it is then. */
    Found cancelled() throws UpdateFailure {
        Found found = old.look();
        if (found != Found.SENDING) {
            return found;
        }
        try {
            old.monitor().cancelMigration();
        } catch (QmpException e) {
            // It may have come to its end; looking tells.
        }
        return settle(old, STEP, Set.of(Found.SENDING));
    }

    /** Gives the old process's migration its settings back; why not, if that fails. */
    Optional<String> restoreSettings() {
        try {
            VmMonitor monitor = old.monitor();
            monitor.setMode(evidence.oldMode());
            if (!evidence.oldCapabilities().isEmpty()) {
                monitor.setCapabilities(evidence.oldCapabilities());
            }
            for (Map.Entry<String, Long> parameter : evidence.oldParameters().entrySet()) {
                monitor.setParameter(parameter.getKey(), parameter.getValue());
            }
            return Optional.empty();
        } catch (QmpException e) {
            return Optional.of(e.getMessage());
        }
    }

    /** Removes what a new process that is gone has left. */
    void removeTraces() {
        PrivateFolder.remove(evidence.privateFolder());
        if (!reached(UpdateState.CHECKED)) {
            return; // what stands at its paths is not ours
        }
        for (PathMove move : evidence.moves()) {
            Path path = evidence.directory().resolve(move.to());
            if (move.kind() != Kind.ABSTRACT_SOCKET && !host.isListening(path)) {
                PrivateFolder.delete(path);
            }
        }
        if (!evidence.moves().isEmpty()) { // in place, it is the old process's log as well
            PrivateFolder.delete(evidence.log());
        }
    }

    @Override
    public void close() {
        old.close();
        next.close();
    }
}
