package dev.cprkit.agent.update;

import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.host.HostProcess;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.client.QmpVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The process that has the guest when the update begins: its monitor, what the kernel knows of it, and how it was set
 * before we touched it. Owns the monitor's connection. One thread uses it.
 */
final class OldVm implements AutoCloseable {
    private final Path socket;
    private final VmMonitor monitor;
    private final QmpVersion version;
    private final HostProcess process;
    private final ProcessFacts facts;
    private final Program program;
    private final String runState;
    private final String mode;
    private final Map<String, Boolean> capabilities;
    private boolean capabilitiesChanged;
    private boolean modeChanged;

    private OldVm(Path socket, VmMonitor monitor, QmpVersion version, HostProcess process, ProcessFacts facts)
            throws QmpException {
        this.socket = socket;
        this.monitor = monitor;
        this.version = version;
        this.process = process;
        this.facts = facts;
        this.program = Program.of(facts.commandLine(), facts.executable());
        this.runState = monitor.runState();
        this.mode = monitor.mode();
        this.capabilities = monitor.capabilities();
    }

    /** Finds the process behind a QMP socket, or fails with {@link ExitStatus#UNREACHABLE}. */
    static OldVm discover(Path qmp, ProcessHost host, Duration limit, Runnable changed) throws UpdateFailure {
        VmMonitor monitor = null;
        try {
            Path socket = real(qmp);
            monitor = VmMonitor.open(socket, limit, changed);
            QmpVersion version = monitor.negotiate();
            long pid = monitor.peer().pid();
            if (pid == 0) {
                throw new UpdateFailure(
                        ExitStatus.UNREACHABLE,
                        "the process behind " + qmp + " is in another pid namespace; run cprctl inside that one");
            }
            HostProcess process =
                    host.attach(pid).orElseThrow(() -> new IOException("process " + pid + " does not exist any more"));
            OldVm vm = new OldVm(socket, monitor, version, process, host.facts(pid));
            monitor = null; // it is the VM's now
            return vm;
        } catch (QmpException | IOException e) {
            throw new UpdateFailure(ExitStatus.UNREACHABLE, e.getMessage());
        } finally {
            if (monitor != null) {
                monitor.close();
            }
        }
    }

    /** The socket itself, if {@code qmp} is a link to it; otherwise as given, so that connecting says what is wrong. */
    private static Path real(Path qmp) {
        try {
            return qmp.toRealPath();
        } catch (IOException e) {
            return qmp.toAbsolutePath();
        }
    }

    /** Switches migration events on, the return path too where there is one, and sets the mode. */
    void prepare(String updateMode) throws QmpException {
        Map<String, Boolean> wanted = settable();
        if (!wanted.isEmpty()) {
            wanted.replaceAll((name, before) -> true);
            capabilitiesChanged = true;
            monitor.setCapabilities(wanted);
        }
        monitor.setMode(updateMode);
        modeChanged = true;
    }

    /** Sets everything back as it was before {@link #prepare}. */
    void restoreSettings() throws QmpException {
        if (modeChanged) {
            monitor.setMode(mode);
            modeChanged = false;
        }
        if (capabilitiesChanged) {
            monitor.setCapabilities(settable());
            capabilitiesChanged = false;
        }
    }

    /**
     * The capabilities that we switch on, as they were. With a return path the old process learns whether the new one
     * could load the state, and lets the guest go on by itself if it could not.
     */
    private Map<String, Boolean> settable() {
        Map<String, Boolean> found = new HashMap<>();
        for (String capability : List.of("events", "return-path")) {
            if (capabilities.containsKey(capability)) {
                found.put(capability, capabilities.get(capability));
            }
        }
        return found;
    }

    /** The run state when the update began. */
    String runState() {
        return runState;
    }

    /** Whether the guest was executing instructions, or would by itself. */
    boolean wasLive() {
        return runState.equals("running") || runState.equals("suspended");
    }

    Path socket() {
        return socket;
    }

    VmMonitor monitor() {
        return monitor;
    }

    QmpVersion version() {
        return version;
    }

    HostProcess process() {
        return process;
    }

    ProcessFacts facts() {
        return facts;
    }

    Program program() {
        return program;
    }

    @Override
    public void close() {
        monitor.close();
    }
}
