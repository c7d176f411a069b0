package dev.cprkit.agent.update;

import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.argv.PathMove.Kind;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Looks whether the host lets the plan be carried out: program, user, paths. Changes nothing. */
final class HostChecks {
    /** Bytes of a unix socket's path without its terminating zero (unix(7)). */
    private static final int MAX_SOCKET_PATH = 107;

    private final ProcessHost host;
    private final List<Finding> findings = new ArrayList<>();

    private HostChecks(ProcessHost host) {
        this.host = host;
    }

    static List<Finding> findings(ProcessHost host, ProcessFacts old, UpdatePlan plan, Path qmp) {
        HostChecks checks = new HostChecks(host);
        checks.program(Path.of(plan.program().words().getFirst()));
        checks.user(old);
        if (plan.qmp().isEmpty()) {
            checks.findings.add(new Finding(
                    Code.QMP_NOT_ON_COMMAND_LINE,
                    qmp.toString(),
                    "no option of the old process's command line makes this socket, so the new process would have none",
                    "use a QMP socket that is on its command line"));
        }
        plan.qmp().ifPresent(checks::leftovers);
        plan.next().moves().forEach(move -> checks.path(move, plan.to(move)));
        checks.length(plan.cprSocket());
        checks.length(plan.mainSocket());
        return checks.findings;
    }

    private void program(Path program) {
        if (!Files.exists(program)) {
            findings.add(new Finding(
                    Code.PROGRAM_MISSING,
                    program.toString(),
                    "there is no such file",
                    "name the new program with --vmm"));
        } else if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
            findings.add(new Finding(
                    Code.PROGRAM_NOT_EXECUTABLE,
                    program.toString(),
                    "it is not an executable file",
                    "name the new program with --vmm"));
        }
    }

    /** An engine that was killed leaves a process that waits for ever for this generation's guest. */
    private void leftovers(Path qmp) {
        for (long pid : host.withArgument("path=" + qmp.toString().replace(",", ",,"))) {
            leftover(pid);
        }
        for (long pid : host.withArgument("unix:" + qmp.toString().replace(",", ",,"))) {
            leftover(pid);
        }
    }

    private void leftover(long pid) {
        findings.add(new Finding(
                Code.LEFTOVER_PROCESS,
                "process " + pid,
                "it was started for an update that did not come to its end, and has this update's sockets",
                "end it with kill -9 " + pid + " if query-status on the VM says that the guest is in the old process"));
    }

    private void user(ProcessFacts old) {
        if (old.uid() != host.uid()) {
            findings.add(new Finding(
                    Code.OTHER_USER,
                    "process " + old.pid(),
                    "it runs as user " + old.uid() + ", and the new one would run as user " + host.uid(),
                    "run the update as user " + old.uid()));
        }
    }

    private void path(PathMove move, Path to) {
        if (move.kind() == Kind.ABSTRACT_SOCKET) {
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
