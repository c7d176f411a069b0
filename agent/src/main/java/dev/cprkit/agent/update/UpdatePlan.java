package dev.cprkit.agent.update;

import dev.cprkit.agent.argv.CommandLineRewrite;
import dev.cprkit.agent.argv.NextCommandLine;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * How the new process will be started. Nothing of it exists yet.
 *
 * @param directory where it starts, and where its relative paths begin: the old process's
 * @param privateFolder to be made, for this user alone, and removed when the update ends; holds the two sockets
 * @param qmp the monitor of the new process that takes the place of the one we talk to; empty if there is none
 */
public record UpdatePlan(
        Program program,
        NextCommandLine next,
        Path directory,
        Path privateFolder,
        Path cprSocket,
        Path mainSocket,
        Optional<Path> qmp) {

    static UpdatePlan make(OldVm old, UpdateRequest request) throws QmpException {
        Path folder = Path.of(
                System.getProperty("java.io.tmpdir"),
                "cprkit-" + UUID.randomUUID().toString().substring(0, 13));
        Path cpr = folder.resolve("cpr.sock");
        NextCommandLine next = new CommandLineRewrite(old.monitor().machineAliases(), cpr.toString())
                .rewrite(old.program().arguments());
        Program program = request.program()
                .map(path -> old.program().replacedBy(path.toAbsolutePath()))
                .orElse(old.program());
        Path directory = old.facts().directory();
        Optional<Path> qmp = next.moves().stream()
                .filter(move -> isSame(directory.resolve(move.from()), old.socket()))
                .map(move -> directory.resolve(move.to()))
                .findFirst();
        return new UpdatePlan(program, next, directory, folder, cpr, folder.resolve("main.sock"), qmp);
    }

    private static boolean isSame(Path owned, Path socket) {
        try {
            return owned.toRealPath().equals(socket);
        } catch (IOException e) {
            return false;
        }
    }

    /** The whole command line. */
    public List<String> command() {
        List<String> words = new ArrayList<>(program.words());
        words.addAll(next.arguments());
        return words;
    }

    /** Where a moved path will be. */
    public Path to(PathMove move) {
        return directory.resolve(move.to());
    }

    /** What the new process prints goes here. */
    public Path log() {
        return logOf(qmp.orElse(privateFolder.resolve("output")));
    }

    /** What the process whose monitor listens at {@code qmp} prints goes here, if an update started it. */
    static Path logOf(Path qmp) {
        return qmp.resolveSibling(qmp.getFileName() + ".log");
    }
}
