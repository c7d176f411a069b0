package dev.cprkit.agent.check;

import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.argv.PathMove.Kind;
import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks whether the host lets a plan be carried out: its paths, and whether an earlier one left something. Changes nothing. */
public final class HostChecks {
    /** Bytes of a unix socket's path without its terminating zero (unix(7)). */
    private static final int MAX_SOCKET_PATH = 107;

    private final ProcessHost host;
    private final List<Finding> findings = new ArrayList<>();

    private HostChecks(ProcessHost host) {
        this.host = host;
    }

    /** What keeps the new process from having its places; {@code qmp} is the socket that the old process is reached by. */
    public static List<Finding> findings(MigMode mode, ProcessHost host, Places places, Path qmp) {
        HostChecks checks = new HostChecks(host);
        if (places.qmp().isEmpty()) {
            checks.findings.add(new Finding(
                    Code.QMP_NOT_ON_COMMAND_LINE,
                    qmp.toString(),
                    "no option of the old process's command line makes this socket, so the new process would have none",
                    "use a QMP socket that is on its command line"));
        }
        places.moves().stream()
                .filter(move -> places.qmp().equals(Optional.of(places.to(move))))
                .forEach(move -> checks.leftovers(places, move));
        places.moves().forEach(move -> checks.path(move, places.to(move)));
        if (places.moves().isEmpty()) { // the next program takes the old one's places
            places.qmp().ifPresent(checks::folder);
        }
        places.channels().forEach(checks::length);
        return VmCheck.mattering(mode, checks.findings);
    }

    /** An engine that was killed leaves a process that waits for ever for this generation's guest. */
    private void leftovers(Places places, PathMove move) {
        for (String prefix : List.of("unix:", "path=")) {
            for (long pid : host.withArgument(prefix + move.to().replace(",", ",,"))) {
                if (move.to().startsWith("/") || isIn(pid, places.directory())) {
                    leftover(pid);
                }
            }
        }
    }

    /** The same relative path is another one elsewhere. */
    private boolean isIn(long pid, Path directory) {
        try {
            return host.facts(pid).directory().equals(directory);
        } catch (IOException e) {
            return false; // it has ended
        }
    }

    private void leftover(long pid) {
        findings.add(new Finding(
                Code.LEFTOVER_PROCESS,
                "process " + pid,
                "it was started for an update that did not come to its end, and has this update's sockets",
                "end it with kill -9 " + pid + " if query-status on the VM says that the guest is in the old process"));
    }

    private void path(PathMove move, Path to) {
        if (move.kind() == Kind.ABSTRACT_SOCKET || move.to().equals(move.from())) {
            return;
        }
        if (move.kind() == Kind.SOCKET) {
            if (move.to().getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_PATH) {
                tooLong(to);
            }
            boolean exists = Files.exists(to, LinkOption.NOFOLLOW_LINKS);
            boolean plain = Files.isRegularFile(to, LinkOption.NOFOLLOW_LINKS)
                    || Files.isDirectory(to, LinkOption.NOFOLLOW_LINKS);
            if (exists && (plain || host.isListening(to))) {
                findings.add(new Finding(
                        Code.PATH_TAKEN,
                        to.toString(),
                        plain ? "something that is no socket is there" : "another process listens there",
                        "remove it, or end that process"));
            }
        }
        folder(to);
    }

    private void folder(Path to) {
        Path folder = to.toAbsolutePath().getParent();
        if (folder == null || !Files.isWritable(folder)) {
            findings.add(new Finding(
                    Code.PATH_TAKEN, to.toString(), "its folder cannot be written to", "allow it for this user"));
        }
    }

    private void length(Path socket) {
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_PATH) {
            tooLong(socket);
        }
    }

    private void tooLong(Path socket) {
        findings.add(new Finding(
                Code.PATH_TOO_LONG,
                socket.toString(),
                "a unix socket's path has at most " + MAX_SOCKET_PATH + " bytes",
                "start the VM with a shorter path"));
    }
}
