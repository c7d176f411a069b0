package dev.cprkit.agent.update;

import dev.cprkit.agent.host.HostProcess;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.agent.update.LeftProcess.Found;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds out what became of a cpr-reboot that was cut off, and starts what has to be started: see {@link Recovery}. */
final class RebootRecovery {
    private static final Duration ARRIVAL = Duration.ofMinutes(2);

    private final RecoveryScene scene;
    private final LeftProcess old;
    private final LeftProcess next;

    RebootRecovery(RecoveryScene scene) {
        this.scene = scene;
        this.old = scene.old;
        this.next = scene.next;
    }

    Whereabouts find() throws UpdateFailure {
        Found found = scene.cancelled();
        if (found == Found.SENT) {
            found = letGoOn(); // nothing is started before it has ended
        }
        return switch (found) {
            case HAS_GUEST -> new Whereabouts.InOld();
            case GONE -> withoutOld();
            case SILENT, SENT, SENDING, WAITS, LOADING ->
                new Whereabouts.Unclear("the old process " + old.pid() + " is " + found
                        + (old.runState().isEmpty() ? "" : " in run state " + old.runState())
                        + "; the guest's state may be in " + file());
        };
    }

    private Found letGoOn() throws UpdateFailure {
        try {
            if (!scene.wasLive()) {
                return Found.SENT;
            }
            old.monitor().cont();
        } catch (QmpException e) {
            return scene.settle(old, RecoveryScene.STEP, Set.of(Found.SILENT)); // it was told to end, perhaps
        }
        return scene.settle(old, RecoveryScene.STEP, Set.of(Found.SENT));
    }

    private Whereabouts withoutOld() throws UpdateFailure {
        if (next.isAlive()) {
            return withNext(scene.settle(next, ARRIVAL, EnumSet.of(Found.LOADING, Found.SILENT)));
        }
        if (!scene.reached(UpdateState.SAVED) || !Files.isRegularFile(file())) {
            return new Whereabouts.Unclear("the guest is lost: the old process "
                    + scene.evidence.old().pid() + " is gone, and its state was not saved");
        }
        if (scene.evidence.next().isPresent() || scene.reached(UpdateState.TAKEN)) {
            return new Whereabouts.Unclear("the new process "
                    + scene.evidence.next().map(ref -> Long.toString(ref.pid())).orElse("")
                    + " is gone, and may have run the guest; the state from before is in " + file());
        }
        return startAgain();
    }

    private Whereabouts withNext(Found found) throws UpdateFailure {
        Found now = found == Found.WAITS ? load(next.monitor()) : found;
        if (now == Found.HAS_GUEST && next.runState().equals(scene.evidence.oldRunState())) {
            return new Whereabouts.InNew();
        }
        return new Whereabouts.Unclear("the new process " + next.pid() + " is " + now
                + (next.runState().isEmpty() ? "" : " in run state " + next.runState())
                + "; the guest's state is in " + file());
    }

    private Found load(VmMonitor monitor) throws UpdateFailure {
        Map<String, Boolean> capabilities = new HashMap<>(Map.of("events", true));
        if (scene.evidence
                .oldCapabilities()
                .getOrDefault("x-ignore-shared", true)
                .equals(false)) {
            capabilities.put("x-ignore-shared", true); // it was switched on for the saving
        }
        try {
            monitor.setCapabilities(capabilities);
            monitor.setMode(scene.evidence.mode().qapiName());
            monitor.migrateFrom(file());
        } catch (QmpException e) {
            return next.look();
        }
        return scene.settle(next, ARRIVAL, EnumSet.of(Found.WAITS, Found.LOADING));
    }

    /** With the new program; if that does not take the guest, with the previous one; if not that either, it stays saved. */
    private Whereabouts startAgain() throws UpdateFailure {
        Optional<String> failed = start(scene.evidence.command());
        if (failed.isEmpty()) {
            return new Whereabouts.InNew();
        }
        if (next.isAlive() && !next.destroy(RecoveryScene.STEP)) {
            return new Whereabouts.Unclear("process " + next.pid() + " could not be ended; the state is in " + file());
        }
        Optional<String> again = start(scene.evidence.oldCommand());
        if (again.isEmpty()) {
            return new Whereabouts.InPrevious(next.pid());
        }
        next.destroy(RecoveryScene.STEP);
        return new Whereabouts.InFile(
                file(),
                failed.get() + "; the previous program: " + again.get() + "; start one with "
                        + String.join(" ", scene.evidence.oldCommand())
                        + ", and let it load the file with migrate-incoming");
    }

    private Optional<String> start(List<String> command) throws UpdateFailure {
        try {
            Map<String, String> environment = new HashMap<>(scene.evidence.environment());
            environment.put(NewVm.MARK, scene.evidence.privateFolder().toString());
            HostProcess started =
                    scene.host.start(command, scene.evidence.directory(), environment, scene.evidence.log());
            next.isNow(started);
        } catch (IOException e) {
            return Optional.of(e.getMessage());
        }
        Whereabouts there = withNext(scene.settle(next, ARRIVAL, EnumSet.of(Found.SILENT)));
        return switch (there) {
            case Whereabouts.InNew _ -> Optional.empty();
            case Whereabouts.Unclear(String what) -> Optional.of(what);
            case Whereabouts.InOld _, Whereabouts.InPrevious _, Whereabouts.InFile _ ->
                throw new IllegalStateException("a new process is in neither");
        };
    }

    private Path file() {
        return scene.evidence.stateFile().orElse(scene.evidence.privateFolder());
    }
}
