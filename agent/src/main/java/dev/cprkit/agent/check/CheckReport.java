package dev.cprkit.agent.check;

import dev.cprkit.agent.argv.GenerationalPath;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.client.QmpVersion;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Everything that there is to say about an update of a VM, for each mode.
 *
 * @param qmp the socket that the VM was reached by, after links
 * @param facts all that was looked at
 * @param modes the least disruptive first
 */
public record CheckReport(Path qmp, CheckFacts facts, List<ModeReport> modes) {
    /** For another check of the VM to end: so long an update would not make this one wait for nothing. */
    private static final Duration OTHERS = Duration.ofSeconds(1);

    public CheckReport {
        modes = List.copyOf(modes);
    }

    /** What was found for one mode. */
    public record ModeReport(MigMode mode, List<Finding> findings) {
        public ModeReport {
            findings = List.copyOf(findings);
        }

        /** Whether an update in this mode would not be tried. */
        public boolean refused() {
            return findings.stream().anyMatch(finding -> finding.refuses(mode));
        }

        /** The findings of that weight. */
        public List<Finding> findings(Weight weight) {
            return findings.stream()
                    .filter(finding -> finding.weight(mode) == weight)
                    .toList();
        }
    }

    /**
     * Looks at a VM and leaves it as it was.
     *
     * @param to the new program; empty for the path of the one that runs
     * @param limit for each question to the VM
     * @throws IOException if the VM does not answer, or its process may not be looked at; the message is a sentence
     */
    public static CheckReport of(Path qmp, Optional<Path> to, ProcessHost host, Duration limit) throws IOException {
        Path socket = qmp.toFile().exists() ? qmp.toRealPath() : qmp.toAbsolutePath();
        try (VmMonitor monitor = VmMonitor.open(socket, limit, () -> {})) {
            QmpVersion version = monitor.negotiate();
            long pid = monitor.peer().pid();
            if (pid == 0) {
                throw new IOException(
                        "the process behind " + qmp + " is in another pid namespace; run cprctl inside that one");
            }
            ProcessFacts process = host.facts(pid);
            Optional<ProcessHost.Claim> claim = host.claim(pid, OTHERS);
            try {
                Program old = Program.of(process.commandLine(), process.executable());
                Program next =
                        to.map(path -> old.replacedBy(path.toAbsolutePath())).orElse(old);
                CheckFacts facts = VmCheck.gather(monitor, version, socket, process, next, host, claim.isPresent());
                return judge(socket, facts, host, claim.isPresent());
            } finally {
                claim.ifPresent(ProcessHost.Claim::close);
            }
        } catch (QmpException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static CheckReport judge(Path socket, CheckFacts facts, ProcessHost host, boolean free) {
        List<ModeReport> modes = new ArrayList<>();
        for (MigMode mode : ModeProbe.MODES) {
            List<Finding> findings = new ArrayList<>(VmCheck.findings(mode, facts));
            Places places = Places.of(NextProcess.commandLine(mode, facts), facts.process(), socket);
            findings.addAll(HostChecks.findings(mode, host, places, socket));
            if (!free) {
                findings.add(0, updateRunning(facts.process().facts().pid()));
            }
            modes.add(new ModeReport(mode, findings));
        }
        return new CheckReport(socket, facts, modes);
    }

    /** What is to be said where somebody else has claimed a VM. */
    public static Finding updateRunning(long pid) {
        return new Finding(
                Code.UPDATE_RUNNING, "process " + pid, "another update of it is under way", "wait for its end");
    }

    /** The modes in which an update would be tried, the least disruptive first. */
    public List<MigMode> usable() {
        return modes.stream()
                .filter(mode -> !mode.refused())
                .map(ModeReport::mode)
                .toList();
    }

    /** The mode that an update would take by itself: the least disruptive that is not refused. */
    public Optional<MigMode> auto() {
        return usable().stream().findFirst();
    }

    /** What was found for those modes. */
    public List<ModeReport> modes(List<MigMode> asked) {
        return modes.stream().filter(report -> asked.contains(report.mode())).toList();
    }

    /** What was found for a mode; empty for an ordinary migration, which is no update. */
    public Optional<ModeReport> mode(MigMode mode) {
        return modes.stream().filter(report -> report.mode() == mode).findFirst();
    }

    /** How many updates have led to the old process, by its socket's name. */
    public int generation() {
        return GenerationalPath.of(qmp.toString()).generation();
    }
}
