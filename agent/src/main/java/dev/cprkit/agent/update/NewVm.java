package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.argv.PathMove.Kind;
import dev.cprkit.agent.home.PrivateFolder;
import dev.cprkit.agent.host.HostProcess;
import dev.cprkit.agent.host.LinuxHost;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.proto.os.Sockets;
import java.io.IOException;
import java.nio.file.Path;
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

    /**
     * The variable in a new process's environment that tells which update started it: its private folder, unless whoever
     * starts it has something better that nobody had before.
     */
    static final String MARK = "CPRKIT_UPDATE";

    private final UpdatePlan plan;
    private final ProcessHost host;
    private final Watch watch;
    private Optional<HostProcess> process = Optional.empty();
    private Optional<VmMonitor> monitor = Optional.empty();
    private boolean startTried;
    private String mark = "";
    private String output = "";

    NewVm(UpdatePlan plan, ProcessHost host, Watch watch) {
        this.plan = plan;
        this.host = host;
        this.watch = watch;
    }

    /** Makes the private folder, if it is not there, and starts the process in the old one's place. */
    void start(Map<String, String> environment) throws UpdateFailure {
        startTried = true;
        try {
            PrivateFolder.make(plan.privateFolder());
            Map<String, String> marked = new HashMap<>(environment);
            marked.putIfAbsent(MARK, plan.privateFolder().toString());
            mark = marked.get(MARK);
            process = Optional.of(plan.inherits() ? startWithListener(marked) : start(plan, marked));
        } catch (IOException e) {
            throw new UpdateFailure(ExitStatus.ABORTED, "the new process could not be started: " + e.getMessage());
        }
    }

    private HostProcess start(UpdatePlan made, Map<String, String> environment) throws IOException {
        return host.start(made.command(), made.directory(), environment, made.log());
    }

    /**
     * The socket is there before the process: whenever the old one connects, it is heard, and if the new one ends, the
     * old one's connection does too, since nobody else has the listener then.
     */
    private HostProcess startWithListener(Map<String, String> environment) throws IOException {
        int listener = Sockets.listenUnix(plan.cprSocket().toString(), 1);
        try {
            return host.start(plan.command(), plan.directory(), environment, plan.log(), List.of(listener));
        } finally {
            Fds.close(listener);
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
        try {
            return monitor.get().awaitGreeting(SLICE);
        } catch (QmpException.Disconnected e) {
            if (!outlivesItsSockets()) {
                checkAlive();
            }
            throw e;
        }
    }

    /** Whether it is still there after its connection ended. */
    boolean outlivesItsSockets() {
        return process.map(HostProcess::outlivesItsSockets).orElse(false);
    }

    /** Fails, with what it printed, if it has ended. */
    void checkAlive() throws UpdateFailure {
        HostProcess started = process.orElseThrow();
        if (!started.isAlive()) {
            throw new UpdateFailure(ExitStatus.ABORTED, "the new process ended (" + started.ending() + ")");
        }
    }

    /** Whether it was started and is gone; one that has hung up is given a moment to go. */
    boolean hasEnded() {
        if (process.isEmpty()) {
            return false;
        }
        boolean behind = monitor.isPresent() && pid() != process.get().pid(); // a launcher
        Optional<HostProcess> one = behind ? host.attach(pid()) : process;
        boolean hungUp = monitor.isPresent() && monitor.get().isClosed();
        return one.isEmpty()
                || (hungUp ? !one.get().outlivesItsSockets() : !one.get().isAlive());
    }

    /** Fails, with how it ended and what came of it, if it has ended. */
    void checkEnded(QmpException consequence) throws UpdateFailure {
        if (hasEnded()) {
            throw new UpdateFailure(
                    ExitStatus.ABORTED,
                    "the new process ended (" + process.get().ending() + "): " + consequence.getMessage());
        }
    }

    /** Fails if it does not wait for a guest. */
    void checkWaits() throws QmpException, UpdateFailure {
        String runState = monitor().runState();
        if (!runState.equals("inmigrate")) {
            throw new UpdateFailure(
                    ExitStatus.ABORTED, "the new process does not wait for the guest: its run state is " + runState);
        }
    }

    /** Its monitor, once it {@link #answers}. */
    VmMonitor monitor() {
        return monitor.orElseThrow();
    }

    boolean hasMonitor() {
        return monitor.isPresent();
    }

    /** The process that was started. */
    HostProcess process() {
        return process.orElseThrow();
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
        if (startTried) { // behind a launcher that stands between, and whose monitor was never there
            host.withVariable(MARK, mark).stream()
                    .filter(pid -> processes.stream().noneMatch(known -> known.pid() == pid))
                    .forEach(pid -> host.attach(pid).ifPresent(processes::add));
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
        for (PathMove move : plan.next().moves()) {
            Path path = plan.to(move);
            if (move.kind() != Kind.ABSTRACT_SOCKET && !host.isListening(path)) {
                PrivateFolder.delete(path);
            }
        }
        removeLog();
        removePrivateFolder();
    }

    /** Removes its log, if it has one, and keeps the end of it. */
    void removeLog() {
        if (!startTried) {
            return; // it is that of the process before
        }
        output = LinuxHost.tail(plan.log(), TAIL);
        PrivateFolder.delete(plan.log());
    }

    /** Removes the private folder. */
    void removePrivateFolder() {
        PrivateFolder.remove(plan.privateFolder());
    }

    @Override
    public void close() {
        monitor.ifPresent(VmMonitor::close);
    }
}
