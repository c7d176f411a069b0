package dev.cprkit.agent.update;

import dev.cprkit.agent.hotplug.Hotplugged;
import dev.cprkit.agent.update.LeftProcess.Found;
import dev.cprkit.proto.client.QmpException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
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
        if (found == Found.HAS_GUEST && next.runState().equals(scene.evidence.oldRunState())) {
            return new Whereabouts.InNew();
        }
        if (found == Found.WAITS && scene.reached(UpdateState.SAVED)) {
            return insteadOfNext();
        }
        return new Whereabouts.Unclear("the new process " + next.pid() + " is " + found
                + (next.runState().isEmpty() ? "" : " in run state " + next.runState())
                + "; the guest's state is in " + file());
    }

    /** One that waits has some of what it needs, or could not load: another one is started in its place. */
    private Whereabouts insteadOfNext() throws UpdateFailure {
        if (!next.destroy(RecoveryScene.STEP)) {
            return new Whereabouts.Unclear(
                    "the new process " + next.pid() + " could not be ended; the guest's state is in " + file());
        }
        return next.hasResumed()
                ? new Whereabouts.Unclear("the guest had begun to run in process " + next.pid()
                        + ", which is gone: what is in " + file() + " is older than its disks")
                : startAgain();
    }

    /** What came of a start. */
    private sealed interface Start {
        /** It has the guest as it was. */
        record Took(long pid) implements Start {}

        /** It is gone, and the guest did not run in it. */
        record Refused(String why) implements Start {}

        /** There can be no other try. */
        record Stuck(String why) implements Start {}
    }

    /** With the new program; if that does not take the guest, with the previous one; if not that either, it stays saved. */
    private Whereabouts startAgain() {
        return switch (start(scene.evidence.command())) {
            case Start.Took _ -> new Whereabouts.InNew();
            case Start.Stuck(String why) -> new Whereabouts.Unclear(why);
            case Start.Refused(String why) ->
                switch (start(scene.evidence.oldCommand())) {
                    case Start.Took(long pid) -> new Whereabouts.InPrevious(pid);
                    case Start.Stuck(String again) -> new Whereabouts.Unclear(why + "; then " + again);
                    case Start.Refused(String again) ->
                        new Whereabouts.InFile(
                                file(),
                                why + "; the previous program: " + again + "; "
                                        + FileArrival.advice(
                                                scene.evidence.oldCommand(), file(), scene.evidence.ignoresShared()));
                };
        };
    }

    private Start start(List<String> command) {
        Start start = load(command);
        if (start instanceof Start.Took) {
            next.look(); // its monitor serves one client at a time, and is free only now
        }
        return start;
    }

    private Start load(List<String> command) {
        UpdatePlan plan = UpdatePlan.of(scene.evidence, command);
        try (NewVm started = new NewVm(plan, scene.host, scene.watch)) {
            Hotplugged hotplugged = new Hotplugged(scene.evidence.plugged(), List.of());
            FileArrival arrival =
                    new FileArrival(started, plan, hotplugged, scene.evidence.ignoresShared(), scene.watch);
            try {
                Deadline deadline = Deadline.in(ARRIVAL);
                arrival.prepare(scene.evidence.environment(), scene::started, () -> {}, deadline);
                arrival.load(() -> {}, deadline);
                arrival.awaitRunState(scene.evidence.oldRunState());
            } catch (UpdateFailure | QmpException e) {
                Optional<String> stuck = arrival.undo();
                return stuck.isPresent()
                        ? new Start.Stuck(e.getMessage() + "; " + stuck.get())
                        : new Start.Refused(e.getMessage());
            }
            next.isNow(scene.host.attach(started.pid()).orElse(started.process()));
            return new Start.Took(next.pid());
        }
    }

    private Path file() {
        return scene.evidence.stateFile().orElse(scene.evidence.privateFolder());
    }
}
