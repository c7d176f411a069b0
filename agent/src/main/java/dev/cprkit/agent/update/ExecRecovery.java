package dev.cprkit.agent.update;

import dev.cprkit.agent.hotplug.Hotplugged;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.agent.update.LeftProcess.Found;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Finds out what became of a cpr-exec that was cut off: see {@link Recovery}. */
final class ExecRecovery {
    /** For a new program that is making its machine, or loading: giving up would help nobody. */
    private static final Duration ARRIVAL = Duration.ofSeconds(60);

    private final RecoveryScene scene;
    private final LeftProcess process;

    ExecRecovery(RecoveryScene scene) {
        this.scene = scene;
        this.process = scene.old;
    }

    Whereabouts find() throws UpdateFailure {
        if (!process.isAlive()) {
            return lost();
        }
        if (!isNewProgram()) {
            Whereabouts inOld = inOldProgram();
            if (!isNewProgram()) {
                return inOld;
            }
        }
        return inNewProgram();
    }

    private Whereabouts lost() {
        scene.removeTraces();
        return new Whereabouts.Unclear("the guest is lost: its memory was in process "
                + scene.evidence.old().pid() + ", which is gone");
    }

    /** The state's file stands on no other command line. */
    private boolean isNewProgram() {
        Path state = scene.evidence.stateFile().orElse(scene.evidence.privateFolder());
        try {
            return scene.host.facts(scene.evidence.old().pid()).commandLine().stream()
                    .anyMatch(word -> word.contains(state.toString()));
        } catch (IOException e) {
            return false;
        }
    }

    private Whereabouts inOldProgram() throws UpdateFailure {
        Found found = scene.settle(process, RecoveryScene.STEP, EnumSet.of(Found.SENDING, Found.SENT, Found.SILENT));
        if (isNewProgram()) {
            return new Whereabouts.InNew(); // it is looked at next
        }
        if (found == Found.SENDING) {
            found = scene.cancelled();
        }
        if (found == Found.SENT) { // it did not become the new program, and no other process has its memory
            found = letGoOn();
        }
        return switch (found) {
            case HAS_GUEST -> settingsBack();
            case GONE -> lost();
            case SILENT, SENT, SENDING, WAITS, LOADING ->
                new Whereabouts.Unclear("process " + process.pid() + " still runs the old program, and is " + found
                        + (process.runState().isEmpty() ? "" : " in run state " + process.runState()));
        };
    }

    private Found letGoOn() throws UpdateFailure {
        try {
            if (scene.wasLive()) {
                process.monitor().cont();
            }
        } catch (QmpException e) {
            return process.look();
        }
        return scene.settle(process, RecoveryScene.STEP, Set.of(Found.SENT));
    }

    private Whereabouts settingsBack() {
        try {
            process.monitor().setExecCommand(List.of());
        } catch (QmpException e) {
            // It stays what it would become if somebody asked for it: nobody does.
        }
        return new Whereabouts.InOld();
    }

    private Whereabouts inNewProgram() throws UpdateFailure {
        process.close(); // that was the old program's monitor
        Found found =
                scene.settle(process, ARRIVAL, EnumSet.of(Found.SILENT, Found.LOADING, Found.SENDING, Found.SENT));
        if (found == Found.WAITS) {
            found = loaded();
        }
        return switch (found) {
            case HAS_GUEST ->
                process.runState().equals(scene.evidence.oldRunState())
                        ? new Whereabouts.InNew()
                        : unclear(
                                "its run state is " + process.runState() + " and was " + scene.evidence.oldRunState());
            case GONE -> lost();
            case WAITS -> unclear("it did not take the guest");
            case SILENT, SENT, SENDING, LOADING -> unclear("it is " + found + " after " + ARRIVAL.toSeconds() + " s");
        };
    }

    /** One that was to be given what was hot-plugged, and then told what to load: it is now, as far as it was not. */
    private Found loaded() throws UpdateFailure {
        if (scene.evidence.stateFile().isEmpty() || !scene.evidence.command().contains("defer")) {
            return Found.WAITS;
        }
        try {
            VmMonitor monitor = process.monitor();
            Hotplugged there = Hotplugged.of(monitor::execute, scene.evidence.command());
            new Hotplugged(scene.evidence.plugged(), List.of()).without(there).addTo(monitor::execute);
            monitor.migrateFrom(scene.evidence.stateFile().get());
        } catch (QmpException e) {
            return process.look();
        }
        return scene.settle(process, ARRIVAL, EnumSet.of(Found.WAITS, Found.LOADING, Found.SILENT));
    }

    private Whereabouts unclear(String what) {
        return new Whereabouts.Unclear("process " + process.pid() + " runs the new program, but " + what
                + "; the guest's state is in "
                + scene.evidence.stateFile().map(Path::toString).orElse("no file"));
    }
}
