package dev.cprkit.agent.check;

import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.check.ProgramFacts.Trouble;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.host.TrustedPath;
import dev.cprkit.agent.host.UntrustedException;
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
import java.util.Set;
import java.util.TreeSet;

/**
 * All that is looked at before an update: the facts are gathered once, and judged for each mode by functions of these facts
 * alone (reference/qemu-cpr.md, sections 4.6, 5, 9, 10.3 and 11).
 */
public final class VmCheck {
    private VmCheck() {}

    /**
     * Looks at the VM, its process, this host and the new program. The VM's migration mode is set for moments, and put back.
     *
     * @param monitor negotiated; has its own time limit for each question
     * @param socket of that monitor, to put the mode back through if the connection is lost
     * @param next the words that name the new program
     * @param free whether the caller has claimed the VM, so that nobody else sets its mode; if not, the modes are not asked
     * @throws QmpException if the VM does not answer
     */
    public static CheckFacts gather(
            VmMonitor monitor,
            QmpVersion version,
            Path socket,
            ProcessFacts process,
            Program next,
            ProcessHost host,
            boolean free)
            throws QmpException {
        OldProcess old = ProcReader.oldProcess(process);
        VmFacts vm = new VmReader(monitor, old.program().arguments()).read(version, free, () -> reopen(socket));
        ProgramFacts program = untrusted(old, next, host)
                .orElseGet(() -> new ProgramProbe().facts(next.words(), deviceTypes(vm, old)));
        return new CheckFacts(vm, old, ProcReader.host(host), program);
    }

    /**
     * A program is asked by running it, as the user that we are. The one that runs the VM of another user was chosen by that
     * user, so it is only asked if nobody but that user's betters can change it.
     */
    private static Optional<ProgramFacts> untrusted(OldProcess old, Program next, ProcessHost host) {
        if (old.facts().uid() == host.uid()
                || !next.words().equals(old.program().words())) {
            return Optional.empty();
        }
        try {
            for (Path part : next.parts()) {
                var _ = TrustedPath.of(part);
            }
            return Optional.empty();
        } catch (UntrustedException e) {
            Trouble trouble = new Trouble(
                    Code.PROGRAM_UNTRUSTED,
                    "it is not run to ask what it can do, because the VM is another user's, and " + e.getMessage());
            return Optional.of(
                    new ProgramFacts(next.file(), Optional.of(trouble), Optional.empty(), Set.of(), Set.of()));
        } catch (IOException e) {
            return Optional.empty(); // one that is not there is not run
        }
    }

    private static VmMonitor reopen(Path socket) throws QmpException {
        Duration limit = Duration.ofSeconds(5);
        VmMonitor again = VmMonitor.open(socket, limit, () -> {});
        try {
            again.negotiate();
            return again;
        } catch (QmpException e) {
            again.close();
            throw e;
        }
    }

    private static Set<String> deviceTypes(VmFacts vm, OldProcess old) {
        Set<String> types = new TreeSet<>();
        DeviceOption.all(old.options()).forEach(device -> types.add(device.driver()));
        vm.devices().plugged().forEach(device -> types.add(device.type()));
        return types;
    }

    /** Everything there is to say about an update in that mode, in a stable order; what does not matter in it is left out. */
    public static List<Finding> findings(MigMode mode, CheckFacts facts) {
        List<Finding> findings = new ArrayList<>();
        MigrationChecks.judge(mode, facts, findings);
        MemoryChecks.judge(mode, facts, findings);
        DeviceChecks.judge(facts, findings);
        DiskChecks.judge(facts, findings);
        OptionChecks.judge(mode, facts, findings);
        ProcessChecks.judge(facts, findings);
        ProgramChecks.judge(mode, facts, findings);
        return mattering(mode, findings);
    }

    /** Those that matter in that mode, each once. */
    public static List<Finding> mattering(MigMode mode, List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.weight(mode) != Weight.NOTHING)
                .distinct()
                .toList();
    }
}
