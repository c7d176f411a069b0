package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.hotplug.Hotplugged;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * How a guest gets out of the file that another process has left, in mode cpr-reboot (reference/qemu-cpr.md, section 2.6):
 * a process is started, told how it is to load, given what was hot-plugged, and then loads. The new process is the
 * caller's. One thread uses it.
 */
final class FileArrival {
    private static final Duration COMMAND = Duration.ofSeconds(10);

    /** Fails if whoever waits wants no more. */
    interface Asked {
        void stop() throws UpdateFailure;
    }

    private final NewVm next;
    private final UpdatePlan plan;
    private final Hotplugged hotplugged;
    private final boolean ignoresShared;
    private final Watch watch;

    /** @param ignoresShared whether memory that is in files of its own is not in the state */
    FileArrival(NewVm next, UpdatePlan plan, Hotplugged hotplugged, boolean ignoresShared, Watch watch) {
        this.next = next;
        this.plan = plan;
        this.hotplugged = hotplugged;
        this.ignoresShared = ignoresShared;
        this.watch = watch;
    }

    /**
     * Starts the process and makes it ready.
     *
     * @param started is told the process's id, before anything that follows
     * @return the program's version
     */
    String prepare(Map<String, String> environment, LongConsumer started, Asked asked, Deadline deadline)
            throws QmpException, UpdateFailure {
        next.start(environment);
        started.accept(next.pid());
        watch.await("the new process did not answer on its monitor", deadline, () -> {
            asked.stop();
            return next.answers();
        });
        started.accept(next.pid()); // that of the process behind the monitor
        VmMonitor monitor = next.monitor();
        monitor.setLimit(COMMAND);
        String version = monitor.negotiate().toString();
        next.checkWaits();
        monitor.setCapabilities(
                ignoresShared ? Map.of("events", true, "x-ignore-shared", true) : Map.of("events", true));
        monitor.setMode(plan.mode().qapiName());
        hotplugged.addTo(monitor::execute);
        return version;
    }

    /** Lets it load everything, and waits until it has. */
    void load(Asked asked, Deadline deadline) throws QmpException, UpdateFailure {
        next.monitor().migrateFrom(plan.stateFile().orElseThrow());
        Arrival arriving = new Arrival(next);
        watch.await("the new process did not take the guest", deadline, () -> {
            asked.stop();
            return arriving.hasTaken();
        });
    }

    /** Waits for the guest's run state. */
    void awaitRunState(String runState) throws QmpException, UpdateFailure {
        String[] last = {""};
        boolean reached = watch.happens(COMMAND, () -> {
            next.checkAlive();
            last[0] = next.monitor().runState();
            return last[0].equals(runState);
        });
        if (!reached) {
            throw new UpdateFailure(
                    ExitStatus.ATTENTION,
                    "process " + next.pid() + " has the guest, but its run state is " + last[0] + " and was "
                            + runState);
        }
    }

    /**
     * Ends a process that did not take the guest, or not as it was, unless the guest runs in it.
     *
     * @return why the file cannot be used for another try, if it cannot
     */
    Optional<String> undo() {
        String file = plan.stateFile().orElseThrow().toString();
        if (next.hasResumed() && next.outlivesItsSockets()) {
            return Optional.of("the guest has begun to run in process " + next.pid()
                    + ", which is left alone; what is in " + file + " is older");
        }
        if (!next.destroy(COMMAND)) {
            return Optional.of("process " + next.pid() + " could not be ended; the guest's state is in " + file);
        }
        if (next.hasResumed()) {
            return Optional.of("the guest had begun to run in process " + next.pid() + ", which is gone: what is in "
                    + file + " is older than its disks");
        }
        next.removeLog();
        next.close();
        return Optional.empty();
    }

    /** What must be done by hand if no program takes the guest. */
    static String advice(Iterable<String> command, Path file, boolean ignoresShared) {
        return "start one with " + String.join(" ", command) + ", and let it load " + file + " with"
                + (ignoresShared ? " x-ignore-shared on and" : "") + " migrate-incoming";
    }
}
