package dev.cprkit.agent.argv;

import dev.cprkit.agent.argv.PathMove.Kind;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.Finding.Code;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a rewrite collects on its way: moved paths and findings. Used by one thread. */
final class RewriteNotes {
    private final int generation;
    private final boolean inPlace;
    private final Map<String, PathMove> moves = new LinkedHashMap<>();
    private final List<Finding> findings = new ArrayList<>();
    private int chardevs;

    /** @param inPlace whether the old process is gone when the new one makes its sockets, so that nothing moves */
    RewriteNotes(int generation, boolean inPlace) {
        this.generation = generation;
        this.inPlace = inPlace;
    }

    /** The next generation's path of {@code path}. */
    String move(String label, Kind kind, String path) {
        if (inPlace) {
            return path;
        }
        GenerationalPath old = GenerationalPath.of(path);
        PathMove move = new PathMove(label, kind, path, old.at(generation), old.base());
        moves.putIfAbsent(path, move);
        return move.to();
    }

    void add(Finding finding) {
        findings.add(finding);
    }

    void portTaken(String subject) {
        if (inPlace) {
            return;
        }
        add(new Finding(
                Code.PORT_TAKEN,
                subject,
                "the old process listens on that port until the new one runs, so the new one cannot",
                "start the VM with a unix socket there, or without it"));
    }

    int generation() {
        return generation;
    }

    /** An id for a chardev that the rewrite makes, unused in this generation. */
    String newChardevId() {
        return "cprkit-g" + generation + "-" + chardevs++;
    }

    List<PathMove> moves() {
        return List.copyOf(moves.values());
    }

    List<Finding> findings() {
        return List.copyOf(findings);
    }
}
