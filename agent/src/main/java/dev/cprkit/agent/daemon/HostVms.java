package dev.cprkit.agent.daemon;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.Json;
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
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The managed VMs, by the registry and by what they say themselves. */
final class HostVms implements Vms {
    /** For each of a VM's answers. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static final int PAST = 100;

    private final VmRegistry registry;
    private final ProcessHost host;
    private final Function<VmName, PauseHistory> pauses;
    private final VmOverviews overviews;

    HostVms(VmRegistry registry, ProcessHost host, OperationService operations, Function<VmName, PauseHistory> pauses) {
        this.registry = registry;
        this.host = host;
        this.pauses = pauses;
        // Which modes it could use is a check's to say: it takes longer than a look at many VMs may.
        this.overviews = new VmOverviews(host, qmp -> Optional.empty(), vm -> lastUpdate(operations, vm), LIMIT);
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

    @Override
    public Optional<VmOverview> overview(VmName vm) throws IOException {
        return registry.find(vm).map(record -> overviews.of(Optional.of(vm), record.qmp()));
    }

    @Override
    public Optional<Path> program(VmName vm) throws IOException {
        Optional<VmOverview> overview = overview(vm);
        if (overview.isEmpty() || overview.get().status().isEmpty()) {
            return Optional.empty();
        }
        ProcessFacts facts = host.facts(overview.get().status().get().pid());
        List<String> words = Program.of(facts.commandLine(), facts.executable()).words();
        return Optional.of(Path.of(words.getFirst())).filter(Path::isAbsolute);
    }

    @Override
    public ObjectNode check(VmName vm, Optional<Path> program, ModeChoice mode) throws OperationException, IOException {
        return named(vm, Json.of(CheckReport.of(qmp(vm), program, host, LIMIT), mode.modes()));
    }

    @Override
    public ObjectNode plan(VmName vm, Optional<Path> program, ModeChoice mode) throws OperationException, IOException {
        return named(vm, Json.of(UpdatePreview.of(qmp(vm), program, mode.modes(), host, pauses.apply(vm), LIMIT)));
    }

    private static ObjectNode named(VmName vm, ObjectNode document) {
        return document.put("vm", vm.text());
    }

    private Path qmp(VmName vm) throws OperationException, IOException {
        return registry.find(vm)
                .map(VmRecord::qmp)
                .orElseThrow(() -> new OperationException(ExitStatus.USAGE, "there is no VM named '" + vm + "'"));
    }
}
