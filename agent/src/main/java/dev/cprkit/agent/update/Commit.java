package dev.cprkit.agent.update;

import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.argv.PathMove.Kind;
import dev.cprkit.agent.host.HostProcess;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Ends the old process, whose guest is in the new one, and makes the paths that clients know lead to the new one. */
final class Commit {
    private static final Duration QUIT = Duration.ofSeconds(10);
    private static final Duration TERMINATE = Duration.ofSeconds(5);

    private final HostProcess process;
    private final Optional<VmMonitor> monitor;
    private final Path socket;
    private final Path directory;
    private final List<PathMove> moves;

    Commit(OldVm old, UpdatePlan plan) {
        this(
                old.process(),
                Optional.of(old.monitor()),
                old.socket(),
                plan.directory(),
                plan.next().moves());
    }

    /** @param monitor empty if the process does not answer there */
    Commit(HostProcess process, Optional<VmMonitor> monitor, Path socket, Path directory, List<PathMove> moves) {
        this.process = process;
        this.monitor = monitor;
        this.socket = socket;
        this.directory = directory;
        this.moves = moves;
    }

    /** Asks, then insists. Whether it is gone. */
    boolean endOldProcess() {
        try {
            if (monitor.isPresent()) {
                monitor.get().setLimit(QUIT);
                monitor.get().quit();
            } else {
                process.terminate();
            }
        } catch (QmpException e) {
            process.terminate(); // it may have ended before it answered; if not, it does not listen to its monitor
        }
        if (process.awaitEnd(QUIT)) {
            return true;
        }
        process.terminate();
        if (process.awaitEnd(TERMINATE)) {
            return true;
        }
        process.kill();
        return process.awaitEnd(TERMINATE);
    }

    /**
     * Links each known path to the new generation's. Only once the old process is gone: it unlinks its own paths as it
     * ends, and would take a link for its socket.
     *
     * @return the links made
     */
    List<Path> link() {
        List<Path> links = link(directory, moves);
        removeEmptyLog(socket);
        return links;
    }

    /** The same for an old process of which nothing more is known. */
    static List<Path> link(Path directory, List<PathMove> moves) {
        List<Path> links = new ArrayList<>();
        for (PathMove move : moves) {
            if (move.kind() != Kind.ABSTRACT_SOCKET) {
                Path base = directory.resolve(move.base());
                Path from = directory.resolve(move.from());
                try {
                    if (!from.equals(base)) {
                        Files.deleteIfExists(from); // what a killed process leaves
                    }
                    if (mayReplace(base, from)) {
                        replace(base, directory.resolve(move.to()));
                        links.add(base);
                    }
                } catch (IOException e) {
                    // The folder changed hands; the path of the generation is what the result names anyway.
                }
            }
        }
        return links;
    }

    /** Links one known path to another in its folder. */
    static void linkTo(Path base, Path target) {
        boolean same = base.getFileName().equals(target);
        try {
            if (!same && mayReplace(base, base.resolveSibling(target))) {
                replace(base, target);
            }
        } catch (IOException e) {
            // The folder changed hands; the path of the generation is still there.
        }
    }

    private static boolean mayReplace(Path base, Path from) {
        return from.equals(base) || Files.isSymbolicLink(base) || !Files.exists(base, LinkOption.NOFOLLOW_LINKS);
    }

    /** Atomically, so that a client finds either the old link or the new one. The target is relative to its folder. */
    private static void replace(Path base, Path target) throws IOException {
        Path fresh = base.resolveSibling(base.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createSymbolicLink(fresh, target.getFileName());
        Files.move(fresh, base, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** That of a process that is gone and has printed nothing. */
    static void removeEmptyLog(Path socket) {
        Path log = UpdatePlan.logOf(socket);
        try {
            if (Files.isRegularFile(log, LinkOption.NOFOLLOW_LINKS) && Files.size(log) == 0) {
                Files.delete(log);
            }
        } catch (IOException e) {
            // An empty file more, which harms nobody.
        }
    }
}
