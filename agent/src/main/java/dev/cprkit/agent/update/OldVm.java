package dev.cprkit.agent.update;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.host.HostProcess;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.host.ProcessRef;
import dev.cprkit.agent.monitor.MigrationSettings;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.client.QmpVersion;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The process that has the guest when the update begins: its monitor, what the kernel knows of it, and how it was set
 * before we touched it. Owns the monitor's connection. One thread uses it.
 */
final class OldVm implements AutoCloseable {
    private static final String BANDWIDTH = "max-bandwidth";

    private static final List<String> OBSTACLES = List.of(
            "pause-before-switchover",
            "switchover-ack",
            "postcopy-ram",
            "postcopy-preempt",
            "postcopy-blocktime",
            "dirty-bitmaps",
            "background-snapshot",
            "x-colo",
            "multifd",
            "zero-copy-send",
            "mapped-ram",
            "release-ram");

    private final Path socket;
    private final VmMonitor monitor;
    private final QmpVersion version;
    private final HostProcess process;
    private final ProcessFacts facts;
    private final Program program;
    private final String runState;
    private final JsonNode parameters;
    private final String mode;
    private final Map<String, Boolean> capabilities;
    private final ProcessRef ref;
    private Map<String, Boolean> changedCapabilities = Map.of();
    private Map<String, Long> changedParameters = Map.of();
    private boolean settingsChanged;
    private boolean modeChanged;
    private boolean execCommandChanged;

    private OldVm(
            Path socket, VmMonitor monitor, QmpVersion version, HostProcess process, ProcessRef ref, ProcessFacts facts)
            throws QmpException {
        this.socket = socket;
        this.ref = ref;
        this.monitor = monitor;
        this.version = version;
        this.process = process;
        this.facts = facts;
        this.program = Program.of(facts.commandLine(), facts.executable());
        this.runState = monitor.runState();
        this.parameters = monitor.parameters();
        this.mode = parameters.path("mode").asText("normal"); // a program that knows no modes has only that one
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
            ProcessRef ref =
                    host.ref(pid).orElseThrow(() -> new IOException("process " + pid + " does not exist any more"));
            OldVm vm = new OldVm(socket, monitor, version, process, ref, host.facts(pid));
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

    /**
     * Notes what {@link #prepare} will change.
     *
     * @param ignoreShared whether memory in files stays where it is
     */
    void intend(MigMode updateMode, boolean ignoreShared) {
        changedCapabilities = new HashMap<>();
        wanted(updateMode, ignoreShared).forEach((name, on) -> {
            if (capabilities.containsKey(name) && !capabilities.get(name).equals(on)) {
                changedCapabilities.put(name, capabilities.get(name));
            }
        });
        changedParameters = new HashMap<>();
        long bandwidth = parameters.path(BANDWIDTH).asLong();
        if (updateMode == MigMode.CPR_REBOOT && bandwidth != 0) { // it would hold back a guest that stands still
            changedParameters.put(BANDWIDTH, bandwidth);
        }
    }

    /** Sets what {@link #intend} noted, and the mode. */
    void prepare(MigMode updateMode) throws QmpException {
        settingsChanged = true; // what a refused change leaves behind is set back as well
        if (!changedCapabilities.isEmpty()) {
            Map<String, Boolean> wanted = new HashMap<>(changedCapabilities);
            wanted.replaceAll((name, before) -> !before);
            monitor.setCapabilities(wanted);
        }
        for (String parameter : changedParameters.keySet()) {
            monitor.setParameter(parameter, 0);
        }
        monitor.setMode(updateMode.qapiName());
        modeChanged = true;
    }

    /** What it will become in mode cpr-exec. */
    void setExecCommand(List<String> command) throws QmpException {
        execCommandChanged = true;
        monitor.setExecCommand(command);
    }

    /** Sets everything back as it was before {@link #prepare}. */
    void restoreSettings() throws QmpException {
        if (modeChanged) {
            monitor.setMode(mode);
            modeChanged = false;
        }
        if (execCommandChanged) {
            List<String> before = new ArrayList<>();
            parameters.path("cpr-exec-command").forEach(word -> before.add(word.asText()));
            monitor.setExecCommand(before);
            execCommandChanged = false;
        }
        if (!settingsChanged) {
            return;
        }
        if (!changedCapabilities.isEmpty()) {
            monitor.setCapabilities(changedCapabilities);
        }
        for (Map.Entry<String, Long> parameter : changedParameters.entrySet()) {
            monitor.setParameter(parameter.getKey(), parameter.getValue());
        }
        settingsChanged = false;
    }

    /**
     * The capabilities that matter. With a return path, which needs a socket, the old process learns whether the new one
     * could load the state, and lets the guest go on by itself if it could not. Those that are switched off would be
     * refused together with the mode, or make it wait for somebody, or change what is sent.
     */
    private static Map<String, Boolean> wanted(MigMode updateMode, boolean ignoreShared) {
        Map<String, Boolean> wanted = new HashMap<>();
        OBSTACLES.forEach(name -> wanted.put(name, false));
        wanted.put("events", true);
        wanted.put("return-path", updateMode == MigMode.CPR_TRANSFER);
        wanted.put("x-ignore-shared", ignoreShared);
        return wanted;
    }

    /** The capabilities that the update changes, as they were. */
    Map<String, Boolean> changedCapabilities() {
        return Collections.unmodifiableMap(changedCapabilities);
    }

    /** The parameters that the update changes, as they were. */
    Map<String, Long> changedParameters() {
        return Collections.unmodifiableMap(changedParameters);
    }

    /** All settings of its migration as they were. */
    MigrationSettings settings() {
        return MigrationSettings.of(capabilities, parameters);
    }

    /** The migration mode as it was. */
    String mode() {
        return mode;
    }

    ProcessRef ref() {
        return ref;
    }

    /** Whether the process is gone; one that has hung up is given a moment to go. */
    boolean hasEnded() {
        return monitor.isClosed() ? !process.outlivesItsSockets() : !process.isAlive();
    }

    /** The run state when the update began. */
    String runState() {
        return runState;
    }

    /** Whether the guest was executing instructions, or would by itself. */
    boolean wasLive() {
        return runState.equals("running") || runState.equals("suspended");
    }

    /**
     * Whether it can be let go on, as it was, once it has sent everything. A guest that was stopped would begin to run, and
     * QEMU ends with an assertion where one was suspended (reference/qemu-cpr.md, section 2.1).
     */
    boolean canGoOn() {
        return runState.equals("running");
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
