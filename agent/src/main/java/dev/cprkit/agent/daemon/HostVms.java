package dev.cprkit.agent.daemon;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.VmStatus;
import dev.cprkit.agent.api.CheckJson;
import dev.cprkit.agent.argv.Program;
import dev.cprkit.agent.check.CheckReport;
import dev.cprkit.agent.check.UpdatePreview;
import dev.cprkit.agent.host.ProcessFacts;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.Operation;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationService;
import dev.cprkit.agent.update.PauseHistory;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.agent.vm.VmOverview;
import dev.cprkit.agent.vm.VmOverviews;
import dev.cprkit.agent.vm.VmRecord;
import dev.cprkit.agent.vm.VmRegistry;
import dev.cprkit.proto.qapi.MigMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/** The managed VMs, by the registry and by what they say themselves. */
final class HostVms implements Vms {
    /** For each of a VM's answers. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static final int PAST = 100;

    /** For all of a look at many VMs, or at one. */
    private static final Duration GLANCE = Duration.ofSeconds(5);

    /** A check asks its VM much, and holds up an update that is about to begin: one in so long is enough. */
    private static final Duration FRESH = Duration.ofSeconds(10);

    private final VmRegistry registry;
    private final ReentrantLock looking = new ReentrantLock();
    private final ProcessHost host;
    private final Function<VmName, PauseHistory> pauses;
    private final VmOverviews glances;
    private final VmOverviews overviews;

    HostVms(VmRegistry registry, ProcessHost host, OperationService operations, Function<VmName, PauseHistory> pauses) {
        this.registry = registry;
        this.host = host;
        this.pauses = pauses;
        VmOverviews.Past past = vm -> lastUpdate(operations, vm);
        this.glances = new VmOverviews(host, qmp -> Optional.empty(), past, GLANCE);
        this.overviews = new VmOverviews(host, new KnownModes(this::usable, FRESH), past, GLANCE);
    }

    private static Optional<Operation.Outcome> lastUpdate(OperationService operations, VmName vm) {
        try {
            return VmOverviews.lastUpdate(operations.history(Optional.of(vm), PAST));
        } catch (OperationException e) {
            return Optional.empty(); // the VM can be shown without its past
        }
    }

    @Override
    public List<VmName> names() throws IOException {
        return registry.list().vms().stream().map(VmRecord::name).toList();
    }

    @Override
    public List<String> damaged() throws IOException {
        return registry.list().damaged();
    }

    private Optional<List<MigMode>> usable(Path qmp) {
        try {
            return Optional.of(
                    CheckReport.of(qmp, Optional.empty(), host, LIMIT).usable());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** One look at a time: callers who come meanwhile would only make it slower. */
    @Override
    public List<VmOverview> overviews() throws IOException {
        looking.lock();
        try {
            return overviews.all(registry.list().vms(), GLANCE);
        } finally {
            looking.unlock();
        }
    }

    @Override
    public List<VmOverview> glances() throws IOException {
        looking.lock();
        try {
            return glances.all(registry.list().vms(), GLANCE);
        } finally {
            looking.unlock();
        }
    }

    @Override
    public Optional<VmOverview> overview(VmName vm) throws IOException {
        Optional<VmRecord> record = registry.find(vm);
        return record.isEmpty()
                ? Optional.empty()
                : Optional.of(overviews.all(List.of(record.get()), GLANCE).getFirst());
    }

    @Override
    public Optional<Program> program(VmName vm) throws IOException {
        Optional<VmStatus> status = registry.find(vm)
                .flatMap(record -> glances.of(Optional.of(vm), record.qmp()).status());
        if (status.isEmpty()) {
            return Optional.empty();
        }
        ProcessFacts facts = host.facts(status.get().pid());
        return Optional.of(Program.of(facts.commandLine(), facts.executable()));
    }

    @Override
    public ObjectNode check(VmName vm, Optional<Path> program, ModeChoice mode) throws OperationException, IOException {
        CheckReport report = CheckReport.of(qmp(vm), program, host, LIMIT);
        return CheckJson.of(Optional.of(vm), report.qmp(), report.modes(mode.modes()));
    }

    @Override
    public ObjectNode plan(VmName vm, Optional<Path> program, ModeChoice mode) throws OperationException, IOException {
        return CheckJson.of(
                Optional.of(vm), UpdatePreview.of(qmp(vm), program, mode.modes(), host, pauses.apply(vm), LIMIT));
    }

    private Path qmp(VmName vm) throws OperationException, IOException {
        return registry.find(vm)
                .map(VmRecord::qmp)
                .orElseThrow(() -> new OperationException(ExitStatus.USAGE, "there is no VM named '" + vm + "'"));
    }
}
