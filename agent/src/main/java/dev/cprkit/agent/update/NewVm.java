package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.argv.PathMove.Kind;
import dev.cprkit.agent.host.HostProcess;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The process that takes over: what there is of it so far, and how to be rid of it. Owns the private folder, the
 * process until the update is through, and the monitor's connection. The update's thread uses it.
 */
final class NewVm implements AutoCloseable {
    private static final Duration SLICE = Duration.ofMillis(50);
    private static final int TAIL = 4096;

    private final UpdatePlan plan;
    private final ProcessHost host;
    private final Watch watch;
    private Optional<HostProcess> process = Optional.empty();
    private Optional<VmMonitor> monitor = Optional.empty();
    private boolean startTried;
    private String output = "";

    NewVm(UpdatePlan plan, ProcessHost host, Watch watch) {
        this.plan = plan;
        this.host = host;
        this.watch = watch;
    }

    /** Makes the private folder and starts the process, in the old one's place and surroundings. */
    void start(ProcessFacts old) throws UpdateFailure {
        startTried = true;
        try {
            Files.createDirectory(
                    plan.privateFolder(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Map<String, String> environment = new HashMap<>(old.environment());
            environment.remove("QEMU_CPR_EXEC_STATE"); // would make it look for memory that is not handed over this way
            process = Optional.of(host.start(plan.command(), plan.directory(), environment, plan.log()));
        } catch (IOException e) {
            throw new UpdateFailure(ExitStatus.FAILED, "the new process could not be started: " + e.getMessage());
        }
    }

    /** Whether it listens for the CPR state; fails if it has ended. */
    boolean waitsForMemory() throws UpdateFailure {
        checkAlive();
        return host.isListening(plan.cprSocket());
    }

    /**
     * Whether its monitor has greeted us. The socket is there soon after the CPR state, the greeting only when all
     * devices are made.
     */
    boolean answers() throws QmpException, UpdateFailure {
        checkAlive();
        if (monitor.isEmpty()) {
            try {
                monitor = Optional.of(VmMonitor.open(plan.qmp().orElseThrow(), SLICE, watch::poke));
            } catch (QmpException.CannotConnect | QmpException.TimedOut e) {
                return false; // not yet bound, or bound and not yet listening
            }
        }
        return monitor.get().awaitGreeting(SLICE);
    }

    /** Fails, with what it printed, if it has ended. */
    void checkAlive() throws UpdateFailure {
        HostProcess started = process.orElseThrow();
        if (!started.isAlive()) {
            throw new UpdateFailure(ExitStatus.FAILED, "the new process ended (" + started.ending() + ")");
        }
    }

    /** Its monitor, once it {@link #answers}. */
    VmMonitor monitor() {
        return monitor.orElseThrow();
    }

    boolean hasMonitor() {
        return monitor.isPresent();
    }

    /** Its id; that of the process behind the monitor, if a launcher stands between. */
    long pid() {
        return monitor.isPresent()
                ? monitor.get().peer().pid()
                : process.map(HostProcess::pid).orElse(0L);
    }

    /** What it had printed last when its traces were removed; empty as long as they are there. */
    String output() {
        return output;
    }

    /**
     * Ends it at once and waits until all that it had sent has been read, so that its events tell for certain whether
     * the guest ever ran in it.
     *
     * @return whether it is gone
     */
    boolean destroy(Duration limit) {
        Deadline deadline = Deadline.in(limit);
        List<HostProcess> processes = new ArrayList<>(process.stream().toList());
        if (monitor.isPresent() && processes.stream().noneMatch(p -> p.pid() == pid())) {
            host.attach(pid()).ifPresent(processes::add);
        }
        processes.forEach(HostProcess::kill);
        boolean gone = true;
        for (HostProcess one : processes) {
            gone &= one.awaitEnd(deadline.left());
        }
        return gone && (monitor.isEmpty() || monitor.get().awaitEnd(deadline.left()));
    }

    /** Whether the guest has begun to run in it, by all that it has told us so far. */
    boolean hasResumed() {
        return monitor.isPresent() && monitor.get().events().has("RESUME");
    }

    /** Removes what a process that is gone has left: the paths of its generation, its log, the private folder. */
    void removeTraces() {
        if (!startTried) {
            return; // what stands at these paths is not ours
        }
        output = LinuxHost.tail(plan.log(), TAIL);
        for (PathMove move : plan.next().moves()) {
            Path path = plan.to(move);
            if (move.kind() != Kind.ABSTRACT_SOCKET && !host.isListening(path)) {
                delete(path);
            }
        }
        delete(plan.log());
        removePrivateFolder();
    }

    /** Removes the private folder. */
    void removePrivateFolder() {
        if (Files.isDirectory(plan.privateFolder(), LinkOption.NOFOLLOW_LINKS)) {
            try (var files = Files.list(plan.privateFolder())) {
                files.forEach(NewVm::delete);
            } catch (IOException e) {
                return; // not readable any more: whoever changed that keeps it
            }
            delete(plan.privateFolder());
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // Somebody else put something else there; it is not ours to remove.
        }
    }

    @Override
    public void close() {
        monitor.ifPresent(VmMonitor::close);
    }
}
