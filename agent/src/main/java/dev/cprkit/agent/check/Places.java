package dev.cprkit.agent.check;

import dev.cprkit.agent.argv.CommandLineRewrite;
import dev.cprkit.agent.argv.NextCommandLine;
import dev.cprkit.agent.argv.PathMove;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the new process will listen and write.
 *
 * @param moves paths that are its own
 * @param directory where relative paths begin
 * @param qmp the monitor that takes the place of the one that we talk to; empty if there is none
 * @param channels unix sockets that the guest goes through
 */
public record Places(List<PathMove> moves, Path directory, Optional<Path> qmp, List<Path> channels) {
    public Places {
        moves = List.copyOf(moves);
        channels = List.copyOf(channels);
    }

    /** Those of a new command line, for a VM that is reached by that socket. */
    static Places of(NextCommandLine next, OldProcess old, Path socket) {
        Path directory = old.directory();
        // Where no path moves, the new process has the old one's: one that would move beside it is on its command line.
        NextCommandLine beside =
                new CommandLineRewrite(Map.of(), "").rewrite(old.program().arguments());
        Optional<Path> qmp = beside.moves().stream()
                .filter(move -> isSame(directory.resolve(move.from()), socket))
                .map(move -> directory.resolve(next.moves().isEmpty() ? move.from() : move.to()))
                .findFirst();
        return new Places(next.moves(), directory, qmp, List.of());
    }

    private static boolean isSame(Path owned, Path socket) {
        try {
            return owned.toRealPath().equals(socket);
        } catch (IOException e) {
            return false;
        }
    }

    /** Where a moved path will be. */
    Path to(PathMove move) {
        return directory.resolve(move.to());
    }
}
