package dev.cprkit.agent.update;

import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.argv.PathMove.Kind;
import dev.cprkit.agent.host.HostProcess;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Ends the old process, whose guest is in the new one, and makes the paths that clients know lead to the new one. */
final class Commit {
    private static final Duration QUIT = Duration.ofSeconds(10);
    private static final Duration TERMINATE = Duration.ofSeconds(5);

    private final OldVm old;
    private final UpdatePlan plan;

    Commit(OldVm old, UpdatePlan plan) {
        this.old = old;
        this.plan = plan;
    }

    /** Asks, then insists. Whether it is gone. */
    boolean endOldProcess() {
        HostProcess process = old.process();
        try {
            old.monitor().setLimit(QUIT);
            old.monitor().quit();
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
        List<Path> links = new ArrayList<>();
        for (PathMove move : plan.next().moves()) {
            if (move.kind() != Kind.ABSTRACT_SOCKET) {
                Path base = plan.directory().resolve(move.base());
                Path from = plan.directory().resolve(move.from());
                try {
                    if (!from.equals(base)) {
                        Files.deleteIfExists(from); // what a killed process leaves
                    }
                    if (mayReplace(base, from)) {
                        replace(base, plan.to(move));
                        links.add(base);
                    }
                } catch (IOException e) {
                    // The folder changed hands; the path of the generation is what the result names anyway.
                }
            }
        }
        removeEmptyLog();
        return links;
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

    private void removeEmptyLog() {
        Path log = UpdatePlan.logOf(old.socket());
        try {
            if (Files.isRegularFile(log, LinkOption.NOFOLLOW_LINKS) && Files.size(log) == 0) {
                Files.delete(log);
            }
        } catch (IOException e) {
            // An empty file more, which harms nobody.
        }
    }
}
