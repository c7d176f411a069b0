package dev.cprkit.agent.check;

import dev.cprkit.agent.argv.NextCommandLine;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.check.CheckReport.ModeReport;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.update.PauseHistory;
import dev.cprkit.agent.update.UpdateState;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an update would do. Nothing of it is done.
 *
 * @param report what the checks found, for all modes
 * @param mode that it would take: the first one asked for that is not refused; the first one, if all are
 * @param oldCommand the whole command line of the old process
 * @param newCommand that of the new process; the folder that each update makes under a new name is
 *     {@code cprkit-UPDATE} in it
 * @param changes from the one to the other, after the program
 * @param generation the number in the new process's paths; that of the old one where no path moves
 * @param moves paths that the new process has in place of the old one's; none where the old one is gone by then
 * @param steps from beginning to end
 * @param predictedPause by the VM's earlier updates in that mode; empty if there was none
 */
public record UpdatePreview(
        CheckReport report,
        MigMode mode,
        List<String> oldCommand,
        List<String> newCommand,
        List<CommandChange> changes,
        int generation,
        List<PathMove> moves,
        List<Step> steps,
        Optional<Duration> predictedPause) {
    public UpdatePreview {
        oldCommand = List.copyOf(oldCommand);
        newCommand = List.copyOf(newCommand);
        changes = List.copyOf(changes);
        moves = List.copyOf(moves);
        steps = List.copyOf(steps);
    }

    /** What is done to reach a state. */
    public record Step(UpdateState state, String text) {}

    /**
     * Looks at a VM and leaves it as it was.
     *
     * @param to the new program; empty for the path of the one that runs
     * @param modes those asked for, the least disruptive first; at least one
     * @param history of that VM
     * @param limit for each question to the VM
     * @throws IOException if the VM does not answer, or its process may not be looked at; the message is a sentence
     */
    public static UpdatePreview of(
            Path qmp, Optional<Path> to, List<MigMode> modes, ProcessHost host, PauseHistory history, Duration limit)
            throws IOException {
        return of(CheckReport.of(qmp, to, host, limit), to, modes, history);
    }

    /** The same from a report that is there already, made for the same program. */
    static UpdatePreview of(CheckReport report, Optional<Path> to, List<MigMode> modes, PauseHistory history) {
        MigMode mode = modes.stream()
                .filter(asked ->
                        report.mode(asked).filter(found -> !found.refused()).isPresent())
                .findFirst()
                .orElse(modes.getFirst());
        Program old = report.facts().process().program();
        Program next = to.map(path -> old.replacedBy(path.toAbsolutePath())).orElse(old);
        NextCommandLine line = NextProcess.commandLine(mode, report.facts());
        return new UpdatePreview(
                report,
                mode,
                words(old, old.arguments()),
                words(next, line.arguments()),
                CommandChange.between(old.arguments(), line.arguments()),
                line.generation(),
                line.moves(),
                steps(mode),
                history.expected(mode));
    }

    private static List<String> words(Program program, List<String> arguments) {
        List<String> words = new ArrayList<>(program.words());
        words.addAll(arguments);
        return words;
    }

    /** Whether the update would be tried. */
    public boolean isPossible() {
        return report.mode(mode).map(found -> !found.refused()).orElse(false);
    }

    /** What the checks found for the mode that it would take. */
    public List<Finding> findings() {
        return report.mode(mode).map(ModeReport::findings).orElse(List.of());
    }

    private static List<Step> steps(MigMode mode) {
        return switch (mode) {
            case CPR_TRANSFER ->
                List.of(
                        new Step(UpdateState.CHECKED, "every check is made again; the guest runs"),
                        new Step(UpdateState.STAGED, "the new process is started and waits for the guest's memory"),
                        new Step(
                                UpdateState.ARMED,
                                "the old process hands over its memory; the new one makes its devices"),
                        new Step(UpdateState.PAUSED, "the guest is stopped"),
                        new Step(UpdateState.SAVED, "the old process sends the state of its devices"),
                        new Step(UpdateState.TAKEN, "the new process has loaded it, and owns the guest"),
                        new Step(UpdateState.RUNNING_NEW, "the guest runs on: the end of the pause"),
                        new Step(UpdateState.COMMITTED, "the old process is ended, and links lead to the new sockets"));
            case CPR_EXEC ->
                List.of(
                        new Step(UpdateState.CHECKED, "every check is made again; the guest runs"),
                        new Step(UpdateState.STAGED, "a folder for the guest's state is made"),
                        new Step(UpdateState.ARMED, "the process is told which program it will become"),
                        new Step(UpdateState.PAUSED, "the guest is stopped"),
                        new Step(UpdateState.SAVED, "the state of its devices is in a file"),
                        new Step(UpdateState.TAKEN, "the process has become the new program, and has loaded the file"),
                        new Step(UpdateState.RUNNING_NEW, "the guest runs on: the end of the pause"),
                        new Step(UpdateState.COMMITTED, "the folder is removed"));
            case CPR_REBOOT ->
                List.of(
                        new Step(UpdateState.CHECKED, "every check is made again; the guest runs"),
                        new Step(UpdateState.STAGED, "a folder for the guest's state is made"),
                        new Step(UpdateState.ARMED, "the old process is told the mode"),
                        new Step(UpdateState.PAUSED, "the guest is stopped"),
                        new Step(UpdateState.SAVED, "its devices, and memory that is in no shared file, are in a file"),
                        new Step(
                                UpdateState.TAKEN,
                                "the old process is ended; the new one is started and loads the file"),
                        new Step(UpdateState.RUNNING_NEW, "the guest runs on: the end of the pause"),
                        new Step(UpdateState.COMMITTED, "the folder is removed"));
            case NORMAL -> List.of();
        };
    }
}
