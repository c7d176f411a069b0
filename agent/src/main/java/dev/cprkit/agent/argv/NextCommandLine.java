package dev.cprkit.agent.argv;

import dev.cprkit.agent.check.Finding;
import java.util.List;

/**
 * The arguments of the new process, made from those of the old one.
 *
 * @param generation the number that is part of the new paths, at least 1
 * @param arguments without the program
 * @param moves paths that changed
 * @param findings what the new process could not have, or will have differently
 */
public record NextCommandLine(int generation, List<String> arguments, List<PathMove> moves, List<Finding> findings) {
    public NextCommandLine {
        arguments = List.copyOf(arguments);
        moves = List.copyOf(moves);
        findings = List.copyOf(findings);
    }
}
