package dev.cprkit.agent.update;

import dev.cprkit.agent.host.HostProcess;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.monitor.MigrationInfo;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigrationStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A process that an update which was cut off has touched, as it is now. One thread uses it; owns the connection. */
final class LeftProcess implements AutoCloseable {
    private static final Duration ANSWER = Duration.ofSeconds(5);

    /** What can be seen of it. */
    enum Found {
        /** There is no such process any more. */
        GONE("gone"),
        /** It is there, and its monitor does not answer. */
        SILENT("there, and does not answer"),
        /** It waits for a guest, and none comes: nobody told it to take one, or it could not. */
        WAITS("waiting for a guest"),
        /** A guest is coming in. */
        LOADING("taking the guest in"),
        /** Its guest is going out. */
        SENDING("sending its guest"),
        /** Its guest has gone out, and is stopped here. */
        SENT("stopped, and has sent its guest"),
        /** It has a guest, in whatever run state. */
        HAS_GUEST("there, with a guest");

        private final String words;

        Found(String words) {
            this.words = words;
        }

        /** What a message says after "is". */
        @Override
        public String toString() {
            return words;
        }
    }

    private final ProcessHost host;
    private final Optional<Path> qmp;
    private final RecoveryScene.Identity identity;
    private final Runnable changed;
    private final List<HostProcess> others = new ArrayList<>();
    private Optional<HostProcess> process;
    private Optional<VmMonitor> monitor = Optional.empty();
    private String version = "";
    private String runState = "";

    LeftProcess(
            ProcessHost host,
            Optional<ProcessRef> ref,
            Optional<Path> qmp,
            RecoveryScene.Identity identity,
            Runnable changed) {
        this.host = host;
        this.qmp = qmp;
        this.identity = identity;
        this.changed = changed;
        // By pid and start: another process may have been given the id since.
        this.process =
                ref.filter(one -> host.ref(one.pid()).equals(Optional.of(one))).flatMap(one -> host.attach(one.pid()));
    }

    /** It was not known in time, and was found in another way. */
    void isAlso(long pid) {
        host.attach(pid).ifPresent(found -> {
            if (process.isEmpty()) {
                process = Optional.of(found);
            } else if (process.get().pid() != pid) {
                others.add(found);
            }
        });
    }

    /** It was started just now. */
    void isNow(HostProcess started) {
        close();
        process = Optional.of(started);
    }

    /** Looks, anew each time. */
    Found look() {
        if (!isAlive()) {
            return Found.GONE;
        }
        try {
            return ask();
        } catch (QmpException.Disconnected e) {
            close(); // it ends, or becomes another program
            return outlivesItsSockets() ? Found.SILENT : Found.GONE;
        } catch (QmpException e) {
            return outlivesItsSockets() ? Found.SILENT : Found.GONE;
        }
    }

    private Found ask() throws QmpException {
        if (!connect()) {
            return Found.SILENT;
        }
        runState = monitor().runState();
        MigrationInfo migration = monitor().migration();
        return switch (runState) {
            case "inmigrate" ->
                migration.isRunning()
                        ? Found.LOADING
                        : migration.is(MigrationStatus.COMPLETED) ? Found.LOADING : Found.WAITS;
            case "postmigrate" -> Found.SENT;
            case "finish-migrate" -> Found.SENDING;
            default -> migration.isRunning() ? Found.SENDING : Found.HAS_GUEST;
        };
    }

    private boolean connect() throws QmpException {
        if (monitor.isPresent() && !monitor.get().isClosed()) {
            return true;
        }
        close();
        if (qmp.isEmpty()) {
            return false;
        }
        VmMonitor opened = VmMonitor.open(qmp.get(), ANSWER, changed);
        boolean ours = false;
        try {
            ours = process.isPresent() && identity.isOf(opened, process.get().pid());
            if (ours) {
                version = opened.negotiate().toString();
                monitor = Optional.of(opened);
            }
            return ours;
        } finally {
            if (monitor.isEmpty()) {
                opened.close();
            }
        }
    }

    boolean isAlive() {
        return process.isPresent() && process.get().isAlive();
    }

    private boolean outlivesItsSockets() {
        return process.isPresent() && process.get().outlivesItsSockets();
    }

    long pid() {
        return process.map(HostProcess::pid).orElse(0L);
    }

    Optional<HostProcess> process() {
        return process;
    }

    /** Its monitor, after a look that was neither GONE nor SILENT. */
    VmMonitor monitor() {
        return monitor.orElseThrow();
    }

    Optional<VmMonitor> answering() {
        return monitor.filter(one -> !one.isClosed());
    }

    String version() {
        return version;
    }

    /** As last seen. */
    String runState() {
        return runState;
    }

    /** Whether the guest began to run in it since we asked it first. */
    boolean hasResumed() {
        return monitor.isPresent() && monitor.get().events().has("RESUME");
    }

    /** Ends it at once; whether it is gone, and all that it had said is known. */
    boolean destroy(Duration limit) {
        List<HostProcess> all = new ArrayList<>(others);
        process.ifPresent(all::add);
        all.forEach(HostProcess::kill);
        boolean gone = true;
        for (HostProcess one : all) {
            gone &= one.awaitEnd(limit);
        }
        return gone && (monitor.isEmpty() || monitor.get().awaitEnd(limit));
    }

    @Override
    public void close() {
        monitor.ifPresent(VmMonitor::close);
        monitor = Optional.empty();
    }
}
