package dev.cprkit.agent.vm;

import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.check.Finding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a VM will be started, and what its command line says about later updates.
 *
 * @param program what is started, and the arguments that it gets in the end
 * @param qmp the QMP socket that the VM will make
 * @param points everything there was to say about the arguments, in a stable order
 */
public record LaunchPlan(Program program, Path qmp, List<Point> points) {
    public LaunchPlan {
        points = List.copyOf(points);
    }

    /**
     * One thing about the command line.
     *
     * @param change what became of it
     */
    public record Point(Finding finding, Change change) {}

    /** What is done about a finding at a launch. */
    public enum Change {
        /** It stays as it was given. */
        NONE("none"),
        /** It would be changed if that were asked for. */
        OFFERED("offered"),
        /** It was changed. */
        MADE("made");

        private final String changeName;

        Change(String changeName) {
            this.changeName = changeName;
        }

        /** The stable name, in JSON output. */
        public String changeName() {
            return changeName;
        }
    }

    /** The whole command line. */
    public List<String> command() {
        List<String> words = new ArrayList<>(program.words());
        words.addAll(program.arguments());
        return words;
    }

    /** What would keep the VM from being updated. */
    public List<Finding> obstacles() {
        return points.stream()
                .filter(point ->
                        point.change() != Change.MADE && point.finding().refuses())
                .map(Point::finding)
                .toList();
    }

    /** Whether asking for it would do away with every obstacle. */
    public boolean isOfferedWhole() {
        return points.stream()
                .noneMatch(point ->
                        point.change() == Change.NONE && point.finding().refuses());
    }
}
